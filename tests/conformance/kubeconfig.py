"""Kubeconfigs as kubectl reads them: each case is read by kubectl and by mlc, and what arrives at a small recording
server (path, credentials, impersonation, TLS name, client certificate, proxy) must be the same.

kubeconfig.py MLC FOLDER [NAME]: prints one line a case; FOLDER holds what openssl makes and the cases' files.
"""

import base64
import concurrent.futures
import http.server
import json
import os
import select
import socket
import socketserver
import ssl
import subprocess
import sys
import threading
import urllib.parse

MLC, FOLDER = os.path.realpath(sys.argv[1]), os.path.realpath(sys.argv[2])
ONLY = sys.argv[3] if len(sys.argv) > 3 else ''
HEADERS = ('authorization', 'host')


def certificates():
    """A certificate authority, a server's certificate, two clients' ones."""
    def run(*command):
        subprocess.run(['openssl', *command], cwd=FOLDER, check=True, capture_output=True)
    run('req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2', '-keyout', 'ca.key',
        '-out', 'ca.crt', '-subj', '/CN=ca')
    names = 'subjectAltName=DNS:localhost,DNS:api.test,DNS:inner.test,IP:127.0.0.1,IP:::1'
    for name in ('server', 'ann', 'ben'):
        run('req', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-keyout', name + '.key', '-out', name + '.csr',
            '-subj', '/CN=' + name)
        with open(os.path.join(FOLDER, 'ext'), 'w', encoding='utf-8') as file:
            file.write(names if name == 'server' else 'extendedKeyUsage=clientAuth')
        run('x509', '-req', '-in', name + '.csr', '-CA', 'ca.crt', '-CAkey', 'ca.key', '-CAcreateserial', '-days', '2', '-extfile', 'ext',
            '-out', name + '.crt')


def read(name):
    with open(os.path.join(FOLDER, name), 'rb') as file:
        return file.read()


class Handler(http.server.BaseHTTPRequestHandler):
    """Records a request; the lists of kinds are empty."""
    protocol_version = 'HTTP/1.1'

    def do_GET(self):
        seen = {'path': urllib.parse.urlsplit(self.path).path, 'via': self.server.via.get(self.client_address[1], ''), 'tls': self.server.tls}
        for name in HEADERS:
            seen[name] = self.headers.get(name, '')
        if self.server.tls and seen['via'].endswith('api.test'):  # mlc asks for none on this machine itself
            seen['gzip'] = 'gzip' in self.headers.get('accept-encoding', '')
        for name, value in self.headers.items():
            if name.lower().startswith('impersonate-'):
                key = urllib.parse.unquote(name).lower()
                seen[key] = sorted(seen.get(key, []) + [value])
        if self.server.tls:
            certificate = self.connection.getpeercert() or {}
            seen['certificate'] = str(dict(x[0] for x in certificate.get('subject', ())).get('commonName', ''))
            seen['name'] = getattr(self.connection, 'asked', '')
        self.server.seen.append(seen)
        status = self.server.status(seen)
        body = b'{"kind":"APIGroupDiscoveryList","apiVersion":"apidiscovery.k8s.io/v2","metadata":{},"items":[]}'
        if status != 200:
            body = json.dumps({'kind': 'Status', 'apiVersion': 'v1', 'status': 'Failure', 'reason': 'Unauthorized', 'code': status}).encode()
        self.send_response(status)
        self.send_header('Content-Type', 'application/json')
        self.send_header('Content-Length', str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        """Says nothing."""


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, tls, address='127.0.0.1'):
        self.address_family = socket.AF_INET6 if ':' in address else socket.AF_INET
        super().__init__((address, 0), Handler)
        self.tls, self.seen, self.via, self.wanted = tls, [], {}, None
        if tls:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(os.path.join(FOLDER, 'server.crt'), os.path.join(FOLDER, 'server.key'))
            context.load_verify_locations(os.path.join(FOLDER, 'ca.crt'))
            context.verify_mode = ssl.CERT_OPTIONAL
            context.sni_callback = lambda connection, name, _: setattr(connection, 'asked', name or '')
            self.socket = context.wrap_socket(self.socket, server_side=True, do_handshake_on_connect=False)
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def status(self, seen):
        return 401 if self.wanted and seen['authorization'] != self.wanted else 200

    def handle_error(self, request, client_address):
        """A handshake that fails is a result, no message."""


class Proxy(socketserver.ThreadingTCPServer):
    """An HTTP (CONNECT and absolute URLs) or SOCKS5 proxy that leads everywhere to one server, and marks what it carried."""
    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, server, kind):
        proxy = self

        class Carrier(socketserver.BaseRequestHandler):
            def handle(self):
                try:
                    (proxy.socks if kind == 'socks5' else proxy.http)(self.request)
                except (OSError, ValueError):  # whoever hangs up
                    pass
        super().__init__(('127.0.0.1', 0), Carrier)
        self.server, self.kind = server, kind
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def carry(self, client, target, first, mark):
        with socket.create_connection(('127.0.0.1', self.server.server_address[1])) as onward:
            self.server.via[onward.getsockname()[1]] = mark + ' to ' + target.rsplit(':', 1)[0]
            onward.sendall(first)
            while True:
                ready, _, _ = select.select([client, onward], [], [], 20)
                for one in ready:
                    data = one.recv(65536)
                    if not data:
                        return
                    (onward if one is client else client).sendall(data)
                if not ready:
                    return

    def http(self, client):
        head = b''
        while b'\r\n\r\n' not in head:
            more = client.recv(4096)
            if not more:
                return
            head += more
        head, rest = head.split(b'\r\n\r\n', 1)
        lines = head.decode().split('\r\n')
        method, target, _ = lines[0].split(' ')
        login = [base64.b64decode(x.split(' ')[2]).decode() for x in lines if x.lower().startswith('proxy-authorization:')]
        mark = ' '.join(['http'] + login)
        if method == 'CONNECT':
            client.sendall(b'HTTP/1.1 200 OK\r\n\r\n')
            self.carry(client, target, rest, mark)
            return
        url = urllib.parse.urlsplit(target)
        kept = [x for x in lines[1:] if not x.lower().startswith('proxy-')]
        path = url.path + ('?' + url.query if url.query else '')
        self.carry(client, url.netloc, '\r\n'.join([f'{method} {path} HTTP/1.1', *kept]).encode() + b'\r\n\r\n' + rest, mark)

    def socks(self, client):
        _, count = client.recv(2)
        offered = client.recv(count)
        login = ''
        client.sendall(b'\x05\x02' if 2 in offered else b'\x05\x00')
        if 2 in offered:
            client.recv(1)
            login = ' ' + ':'.join(client.recv(client.recv(1)[0]).decode() for _ in range(2))
            client.sendall(b'\x01\x00')
        _, _, _, kind = client.recv(4)
        host = client.recv(client.recv(1)[0]).decode() if kind == 3 else socket.inet_ntoa(client.recv(4))
        port = int.from_bytes(client.recv(2), 'big')
        client.sendall(b'\x05\x00\x00\x01\x00\x00\x00\x00\x00\x00')
        self.carry(client, f'{host}:{port}', b'', 'socks5' + login)


def config(cluster, user=None, context=None, **more):
    """A kubeconfig with one entry of each kind, as JSON (which is YAML)."""
    return json.dumps({'apiVersion': 'v1', 'kind': 'Config', 'current-context': 'a',
                       'contexts': [{'name': 'a', 'context': context or {'cluster': 'c', 'user': 'u', 'namespace': 'n'}}],
                       'clusters': [{'name': 'c', 'cluster': cluster}], 'users': [{'name': 'u', 'user': user or {}}], **more})


def entries(**lists):
    return json.dumps({key.replace('_', '-'): value for key, value in lists.items()})


def cases():
    """NAME -> files, environment, flags and more; {s} is the server's host and port, {h} the HTTP proxy's, {x} the SOCKS one's."""
    ca, here = {'certificate-authority': '../ca.crt'}, {'server': 'https://{s}'}
    tls = {**here, **ca}
    data = {name: base64.b64encode(read(name)).decode() for name in ('ca.crt', 'ann.crt', 'ann.key')}
    cert = {'client-certificate': '../ann.crt', 'client-key': '../ann.key'}
    far = {'server': 'https://api.test:6443', **ca}
    plain = {'server': 'http://{s}'}

    def plugin(script, **more):
        return {'exec': {'apiVersion': 'client.authentication.k8s.io/v1', 'command': './login', 'interactiveMode': 'Never', **more}}, \
            '#!/bin/sh\n' + script

    def credential(status, version='v1'):
        return "cat <<'E'\n" + json.dumps({'kind': 'ExecCredential', 'apiVersion': 'client.authentication.k8s.io/' + version, 'status': status}) + '\nE\n'

    def one(cluster, user=None, **more):
        return {'files': {'config': config(cluster, user)}, **more}

    def exec_case(script, cluster=None, version='v1', **more):
        user, text = plugin(script, **more)
        user['exec']['apiVersion'] = 'client.authentication.k8s.io/' + version
        return {'files': {'config': config(cluster or tls, user), 'login': text}}
    token_of_info = ('printf \'{"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/v1","status":{"token":"%s"}}\' '
                     '"$(printf %s "$KUBERNETES_EXEC_INFO" | sed "s/127.0.0.1:[0-9]*/HERE/" | python3 -c '
                     '"import json,sys; print(json.dumps(json.load(sys.stdin),sort_keys=True))" | base64 -w0)"')

    yield 'token', one(tls, {'token': 't'})
    yield 'plain http', one(plain, {'token': 't'}, plain=True)
    yield 'plain http with a password', one(plain, {'username': 'x', 'password': 'p'}, plain=True)
    yield 'authority as data', one({**here, 'certificate-authority-data': data['ca.crt']}, {'token': 't'})
    yield 'authority as data and file', one({**tls, 'certificate-authority-data': data['ca.crt']}, {'token': 't'})
    yield 'authority that is not there', one({**here, 'certificate-authority': 'none'}, {'token': 't'})
    yield 'authority of somebody else', one({**here, 'certificate-authority': '../ann.crt'}, {'token': 't'})
    yield 'no authority', one(here, {'token': 't'})
    yield 'insecure', one({**here, 'insecure-skip-tls-verify': True}, {'token': 't'})
    yield 'insecure with an authority', one({**tls, 'insecure-skip-tls-verify': True}, {'token': 't'})
    yield 'insecure by flag', one(here, {'token': 't'}, flags=['--insecure-skip-tls-verify'])
    yield 'insecure by flag over an authority', one(tls, {'token': 't'}, flags=['--insecure-skip-tls-verify'])
    yield 'TLS name', one({**tls, 'tls-server-name': 'inner.test'}, {'token': 't'})
    yield 'TLS name of a host', one({'server': 'https://localhost:{port}', **ca, 'tls-server-name': 'inner.test'}, {'token': 't'})
    yield 'TLS name with a path', one({'server': 'https://{s}/k8s/c1', **ca, 'tls-server-name': 'inner.test'}, {'token': 't'})
    yield 'TLS name that does not fit', one({**tls, 'tls-server-name': 'other.test'}, {'token': 't'})
    yield 'host name', one({'server': 'https://localhost:{port}', **ca}, {'token': 't'})
    yield 'path prefix', one({'server': 'https://{s}/k8s/clusters/c-1', **ca}, {'token': 't'})
    yield 'path prefix with a slash', one({'server': 'https://{s}/k8s/', **ca}, {'token': 't'})
    yield 'slash at the end', one({'server': 'https://{s}/', **ca}, {'token': 't'})
    yield 'no scheme', one({'server': '{s}'}, {'token': 't'}, plain=True)
    yield 'no scheme with an authority', one({'server': '{s}', **ca}, {'token': 't'})
    yield 'no scheme, insecure', one({'server': '{s}', 'insecure-skip-tls-verify': True}, {'token': 't'})
    yield 'no scheme with a path', one({'server': '{s}/x'}, {'token': 't'}, plain=True)
    yield 'ftp', one({'server': 'ftp://{s}'}, {'token': 't'})
    yield 'IPv6', one({'server': 'https://[::1]:{port}', **ca}, {'token': 't'}, address='::1')
    yield 'IPv6 with a TLS name', one({'server': 'https://[::1]:{port}/p', **ca, 'tls-server-name': 'inner.test'}, {'token': 't'}, address='::1')
    yield 'no compression', one({**far, 'disable-compression': True, 'proxy-url': 'http://{h}'}, {'token': 't'})
    yield 'client certificate', one(tls, cert)
    yield 'client certificate as data', one(tls, {'client-certificate-data': data['ann.crt'], 'client-key-data': data['ann.key']})
    yield 'client certificate as data and file', one(tls, {**cert, 'client-certificate-data': data['ann.crt']})
    yield 'client certificate without key', one(tls, {'client-certificate': '../ann.crt'})
    yield 'client key without certificate', one(tls, {'client-key': '../ann.key'})
    yield 'client key of another', one(tls, {**cert, 'client-key': '../ben.key'})
    yield 'client certificate that is not base64', one(tls, {'client-certificate-data': '%%%', 'client-key-data': data['ann.key']})
    yield 'client certificate and token', one(tls, {**cert, 'token': 't'})
    yield 'client certificate and password', one(tls, {**cert, 'username': 'x', 'password': 'p'})
    yield 'password', one(tls, {'username': 'x', 'password': 'p:q'})
    yield 'user without password', one(tls, {'username': 'x'})
    yield 'password without user', one(tls, {'password': 'p'})
    yield 'password and token', one(tls, {'username': 'x', 'password': 'p', 'token': 't'})
    yield 'token file', {'files': {'config': config(tls, {'tokenFile': 'sub/tok'}), 'sub/tok': 'from-file\n'}}
    yield 'token file with blanks', {'files': {'config': config(tls, {'tokenFile': 'tok'}), 'tok': '  from-file \n\n'}}
    yield 'token file that is not there', one(tls, {'tokenFile': 'none'})
    yield 'token file that is empty', {'files': {'config': config(tls, {'tokenFile': 'tok'}), 'tok': ''}}
    yield 'token and token file', {'files': {'config': config(tls, {'token': 't', 'tokenFile': 'tok'}), 'tok': 'from-file'}}
    yield 'token and a token file that is not there', one(tls, {'token': 't', 'tokenFile': 'none'})
    yield 'token with a line end', one(tls, {'token': 'a\nb'})
    yield 'token that is a number', {'files': {'config': config(tls, {'token': 7})}}
    yield 'password and token file', {'files': {'config': config(tls, {'username': 'x', 'password': 'p', 'tokenFile': 'tok'}), 'tok': 'f'}}
    yield 'as', one(tls, {'token': 't', 'as': 'ann', 'as-uid': '7', 'as-groups': ['g', 'h'], 'as-user-extra': {'a.b/c': ['1', '2'], 'x': ['']}})
    yield 'as by flags', one(tls, {'token': 't'}, flags=['--as', 'ben', '--as-group', 'g1', '--as-group', 'g2', '--as-uid', '9'])
    yield 'as by flags over the file', one(tls, {'token': 't', 'as': 'ann', 'as-uid': '7', 'as-groups': ['g']}, flags=['--as', 'ben'])
    yield 'as-group by flag over the file', one(tls, {'token': 't', 'as': 'ann', 'as-uid': '7', 'as-groups': ['g'], 'as-user-extra': {'k': ['v']}}, flags=['--as', 'ben', '--as-group', 'h'])
    yield 'groups without a user', one(tls, {'token': 't', 'as-groups': ['g']})
    yield 'groups without a user by flag', one(tls, {'token': 't'}, flags=['--as-group', 'g'])
    yield 'uid without a user', one(tls, {'token': 't', 'as-uid': '7'})
    yield 'as with a line end', one(tls, {'token': 't', 'as': 'a\nb'})
    yield 'as over plain http', one(plain, {'token': 't', 'as': 'ann'}, plain=True)
    yield 'extra keys', one(tls, {'token': 't', 'as': 'ann', 'as-user-extra': {"Sc*o'pe%s": ['v w']}})
    yield 'no user', {'files': {'config': config(tls, {}, {'cluster': 'c'})}}
    yield 'user that is not there', {'files': {'config': config(tls, {}, {'cluster': 'c', 'user': 'x'})}}
    yield 'cluster that is not there', {'files': {'config': config(tls, {}, {'cluster': 'x', 'user': 'u'})}}
    yield 'context without cluster', {'files': {'config': config(tls, {'token': 't'}, {'user': 'u'})}}
    yield 'context that is not there', one(tls, {'token': 't'}, flags=['--context', 'b'])
    yield 'current context that is not there', {'files': {'config': config(tls, {'token': 't'}, **{'current-context': 'z'})}}
    yield 'no current context', {'files': {'config': config(tls, {'token': 't'}, **{'current-context': ''})}}
    two = entries(contexts=[{'name': 'b', 'context': {'cluster': 'd', 'user': 'v'}}, {'name': 'a', 'context': {'cluster': 'd', 'user': 'v'}}],
                  clusters=[{'name': 'd', 'cluster': {**here, 'certificate-authority': '../../ca.crt'}}, {'name': 'c', 'cluster': {'server': 'https://127.0.0.1:1'}}],
                  users=[{'name': 'v', 'user': {'tokenFile': 'tok'}}, {'name': 'u', 'user': {'token': 'second', 'as': 'second'}}], current_context='b')
    both = {'files': {'config': config(tls, {'token': 'first'}), 'sub/two': two, 'sub/tok': 'of-two'}, 'list': ['none', 'config', 'sub/two']}
    yield 'list: the first file wins', both
    yield 'list: a context of the second', {**both, 'flags': ['--context', 'b']}
    yield 'list: the second before the first', {**both, 'list': ['sub/two', 'config']}
    yield 'list: user by flag', {**both, 'flags': ['--user', 'v']}
    yield 'list: cluster by flag', {**both, 'flags': ['--cluster', 'd', '--user', 'v']}
    yield 'list: cluster that is not there', {**both, 'flags': ['--cluster', 'e']}
    yield 'list: user that is not there', {**both, 'flags': ['--user', 'e']}
    yield 'list: one empty file', {'files': {'empty': '', **both['files']}, 'list': ['empty', 'config', 'sub/two']}
    yield 'list: nothing but missing files', {'files': {}, 'list': ['none', 'none2']}
    yield 'list: one file is no YAML', {'files': {**both['files'], 'broken': 'a: [b'}, 'list': ['broken', 'config']}
    yield 'list: the same file twice', {**both, 'list': ['config', 'config']}
    yield 'list: entries without empty names', {**both, 'list': ['', 'config', '', '']}
    yield 'kubeconfig by flag', {**both, 'list': ['sub/two'], 'flags': ['--kubeconfig', '{d}/config']}
    yield 'kubeconfig by flag that is not there', {**both, 'flags': ['--kubeconfig', '{d}/none']}
    yield 'home', {'files': {'.kube/config': config({**here, 'certificate-authority': '../../ca.crt'}, {'token': 'home'})}, 'list': None}
    yield 'server by flag', one({'server': 'https://127.0.0.1:1', **ca}, {'token': 't'}, flags=['--server', 'https://{s}'])
    yield 'server by flag alone', {'files': {}, 'list': ['none'], 'flags': ['--server', 'http://{s}'], 'plain': True}
    yield 'server by flag, insecure', {'files': {}, 'list': ['none'], 'flags': ['--server', 'https://{s}', '--insecure-skip-tls-verify']}
    yield 'same name twice: cluster', {'files': {'config': config(tls, {'token': 't'}, clusters=[{'name': 'c', 'cluster': tls}, {'name': 'c', 'cluster': tls}])}}
    yield 'same name twice: user', {'files': {'config': config(tls, users=[{'name': 'u', 'user': {'token': '1'}}, {'name': 'u', 'user': {'token': '2'}}])}}
    yield 'unknown fields', {'files': {'config': config({**tls, 'x-y': 1, 'extensions': [{'name': 'e', 'extension': {'a': 1}}]}, {'token': 't', 'zz': {}}, preferences={}, extra=[1])}}
    yield 'another kind', {'files': {'config': config(tls, {'token': 't'}, kind='Pod')}}
    yield 'another version', {'files': {'config': config(tls, {'token': 't'}, apiVersion='v2')}}
    yield 'no kind', {'files': {'config': config(tls, {'token': 't'}, kind='', apiVersion='')}}
    yield 'a flag as text', one({**here, 'insecure-skip-tls-verify': 'true'}, {'token': 't'})
    yield 'clusters that are no list', {'files': {'config': config(tls, {'token': 't'}, clusters={'c': tls})}}
    yield 'YAML with anchors', {'files': {'config': 'current-context: a\ncontexts: [{name: a, context: {cluster: c, user: u}}]\nclusters:\n- name: c\n  cluster: &x\n'
                                          '    server: https://{s}\n    certificate-authority: ../ca.crt\n- {name: d, cluster: *x}\nusers:\n- name: u\n  user:\n    token: >-\n      folded\n'}}

    yield 'plugin: token', exec_case(credential({'token': 'p'}))
    yield 'plugin: v1beta1', exec_case(credential({'token': 'p'}, 'v1beta1'), version='v1beta1', interactiveMode='')
    yield 'plugin: v1alpha1', exec_case(credential({'token': 'p'}, 'v1alpha1'), version='v1alpha1', interactiveMode='')
    yield 'plugin: another version', exec_case(credential({'token': 'p'}, 'v1beta1'))
    yield 'plugin: no interactiveMode', exec_case(credential({'token': 'p'}), interactiveMode='')
    yield 'plugin: another interactiveMode', exec_case(credential({'token': 'p'}), interactiveMode='Sometimes')
    yield 'plugin: always interactive', exec_case(credential({'token': 'p'}), interactiveMode='Always')
    yield 'plugin: if available', exec_case(credential({'token': 'p'}), interactiveMode='IfAvailable')
    yield 'plugin: arguments and variables', exec_case('T="$1-$2-$N"\n' + credential({'token': 'XX'}).replace("'E'", 'E').replace('XX', '$T'), args=['one', 'two words'], env=[{'name': 'N', 'value': 'v'}])
    yield 'plugin: a variable without name', exec_case(credential({'token': 'p'}), env=[{'name': '', 'value': 'v'}])
    yield 'plugin: cluster', exec_case(token_of_info, {**here, 'certificate-authority-data': data['ca.crt'], 'tls-server-name': 'inner.test', 'disable-compression': True, 'extensions': [{'name': 'client.authentication.k8s.io/exec', 'extension': {'audience': 'x', 'n': [1]}}]}, provideClusterInfo=True)
    yield 'plugin: cluster, insecure', exec_case(token_of_info, {**here, 'insecure-skip-tls-verify': True}, provideClusterInfo=True)
    yield 'plugin: cluster, authority as file', exec_case(token_of_info, {'server': 'https://{s}/', **ca}, provideClusterInfo=True)
    yield 'plugin: no cluster', exec_case(token_of_info)
    yield 'plugin: certificate', exec_case(credential({'clientCertificateData': read('ann.crt').decode(), 'clientKeyData': read('ann.key').decode()}))
    yield 'plugin: certificate and token', exec_case(credential({'token': 'p', 'clientCertificateData': read('ann.crt').decode(), 'clientKeyData': read('ann.key').decode()}))
    yield 'plugin: certificate without key', exec_case(credential({'token': 'p', 'clientCertificateData': read('ann.crt').decode()}))
    yield 'plugin: nothing', exec_case(credential({}))
    yield 'plugin: fails', exec_case('echo no login >&2; exit 3')
    yield 'plugin: not installed', {'files': {'config': config(tls, plugin('')[0] | {'exec': {**plugin('')[0]['exec'], 'command': 'no-such-login', 'installHint': 'get it'}})}}
    yield 'plugin: in PATH', {'files': {'config': config(tls, {'exec': {**plugin('')[0]['exec'], 'command': 'login'}}), 'bin/login': '#!/bin/sh\n' + credential({'token': 'path'})}}
    yield 'plugin: no command', exec_case('', command='')
    yield 'plugin and token', {'files': {'config': config(tls, {**plugin('')[0], 'token': 't'}), 'login': '#!/bin/sh\n' + credential({'token': 'p'})}}
    yield 'plugin and client certificate', {'files': {'config': config(tls, {**plugin('')[0], **cert}), 'login': '#!/bin/sh\n' + credential({'token': 'p'})}}
    yield 'plugin and password', {'files': {'config': config(tls, {**plugin('')[0], 'username': 'x', 'password': 'p'}), 'login': '#!/bin/sh\n' + credential({'token': 'p'})}}
    yield 'plugin: again when refused', {**exec_case('echo run >>runs; T=$(wc -l <runs | tr -d " ")\n' + credential({'token': 'XX'}).replace("'E'", 'E').replace('XX', 't$T')), 'wanted': 'Bearer t2'}
    yield 'plugin: again when expired', {**exec_case('echo run >>runs; T=$(wc -l <runs | tr -d " ")\n' + credential({'token': 'XX', 'expirationTimestamp': '2020-01-01T00:00:00Z'}).replace("'E'", 'E').replace('XX', 't')), 'wanted': 'Bearer t'}

    yield 'proxy', one({**far, 'proxy-url': 'http://{h}'}, {'token': 't'})
    yield 'proxy with login', one({**far, 'proxy-url': 'http://me:p%40ss@{h}'}, {'token': 't'})
    yield 'proxy for http', one({'server': 'http://api.test', 'proxy-url': 'http://{h}'}, {'token': 't'}, plain=True)
    yield 'proxy for this machine', one({**tls, 'proxy-url': 'http://{h}'}, {'token': 't'})
    yield 'proxy and TLS name', one({**far, 'proxy-url': 'http://{h}', 'tls-server-name': 'inner.test'}, {'token': 't'})
    yield 'proxy by socks5', one({**far, 'proxy-url': 'socks5://{x}'}, {'token': 't'})
    yield 'proxy by socks5 with login', one({**far, 'proxy-url': 'socks5://me:pass@{x}'}, {'token': 't'})
    yield 'proxy of an unknown kind', one({**tls, 'proxy-url': 'gopher://{h}'}, {'token': 't'})
    yield 'proxy that is no URL', one({**tls, 'proxy-url': 'a b'}, {'token': 't'})
    yield 'proxy over the environment', one({**far, 'proxy-url': 'http://{h}'}, {'token': 't'}, env={'HTTPS_PROXY': 'http://127.0.0.1:1', 'NO_PROXY': 'api.test'})
    for name in ('HTTPS_PROXY', 'https_proxy', 'ALL_PROXY'):
        yield 'environment: ' + name, one(far, {'token': 't'}, env={name: 'http://{h}'})
    for name in ('HTTP_PROXY', 'http_proxy', 'HTTPS_PROXY'):
        yield f'environment: {name} for http', one({'server': 'http://api.test'}, {'token': 't'}, env={name: 'http://{h}'}, plain=True)
    yield 'environment: upper case wins', one(far, {'token': 't'}, env={'https_proxy': 'http://127.0.0.1:1', 'HTTPS_PROXY': 'http://{h}'})
    yield 'environment: without scheme', one(far, {'token': 't'}, env={'HTTPS_PROXY': '{h}'})
    yield 'environment: socks5', one(far, {'token': 't'}, env={'HTTPS_PROXY': 'socks5://{x}'})
    yield 'environment: this machine is never proxied', one(tls, {'token': 't'}, env={'HTTPS_PROXY': 'http://{h}'})
    yield 'environment: localhost is never proxied', one({'server': 'https://localhost:{port}', **ca}, {'token': 't'}, env={'HTTPS_PROXY': 'http://{h}'})
    for index, excluded in enumerate(('api.test', '.test', 'test', '*', 'api.test:6443', 'other,API.TEST', '*.test', ' api.test ')):
        yield f'NO_PROXY {excluded!r}', one(far, {'token': 't'}, env={'HTTPS_PROXY': 'http://{h}', 'NO_PROXY' if index % 2 else 'no_proxy': excluded})
    for excluded in ('pi.test', '.api.test', 'api.test:443', 'x.api.test', '10.0.0.0/8', ''):
        yield f'NO_PROXY {excluded!r} does not fit', one(far, {'token': 't'}, env={'HTTPS_PROXY': 'http://{h}', 'NO_PROXY': excluded})
    address = {'server': 'https://10.9.8.7:6443', 'insecure-skip-tls-verify': True}
    for excluded in ('10.0.0.0/8', '10.9.8.7', '10.9.8.7:6443', '10.9'):
        yield f'NO_PROXY {excluded!r} for an address', one(address, {'token': 't'}, env={'HTTPS_PROXY': 'http://{h}', 'NO_PROXY': excluded}, flags=['--request-timeout', '2s'])


def prepare(index, tool, case):
    """Writes a case's files for one tool; gives its folder, server and what replaces the placeholders."""
    folder = os.path.join(FOLDER, f'{index}-{tool}')
    server = Server(not case.get('plain'), case.get('address', '127.0.0.1'))
    server.wanted = case.get('wanted')
    port = server.server_address[1]
    proxies = {kind: Proxy(server, kind) for kind in ('http', 'socks5')}
    words = {'{s}': f'127.0.0.1:{port}', '{port}': str(port), '{h}': f'127.0.0.1:{proxies["http"].server_address[1]}',
             '{x}': f'127.0.0.1:{proxies["socks5"].server_address[1]}', '{d}': folder}

    def fill(text):
        for word, value in words.items():
            text = text.replace(word, value)
        return text
    os.makedirs(folder)
    for name, text in case['files'].items():
        path = os.path.join(folder, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, 'w', encoding='utf-8') as file:
            file.write(fill(text))
        os.chmod(path, 0o700)
    return folder, server, list(proxies.values()), fill


def run(index, tool, case):
    folder, server, proxies, fill = prepare(index, tool, case)
    names = case.get('list', ['config'])
    env = {'HOME': folder, 'PATH': folder + '/bin:' + os.environ['PATH'], 'XDG_CACHE_HOME': folder + '/cache'}
    env.update({name: fill(value) for name, value in case.get('env', {}).items()})
    if names is not None:
        env['KUBECONFIG'] = ':'.join(os.path.join(folder, name) if name else '' for name in names)
    with open(os.path.join(folder, 'x.yaml'), 'w', encoding='utf-8') as file:
        file.write('apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\n')
    command = ['kubectl', 'api-versions'] if tool == 'kubectl' else [MLC, 'plan', '-f', 'x.yaml']
    done = subprocess.run(command + [fill(flag) for flag in case.get('flags', [])], cwd=folder, env=env, stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=90, check=False)
    for one in [server, *proxies]:
        one.shutdown()
        one.server_close()
    seen = [x for x in server.seen if x['path'].endswith('/api')]
    if seen and case.get('wanted'):  # what counts is that it gets through in the end
        seen = [x for x in seen if x['authorization'] == case['wanted']][-1:]
    text = json.dumps(seen[0], sort_keys=True).replace(str(server.server_address[1]), 'PORT') if seen else '{}'
    return json.loads(text), done.stdout.decode(errors='replace')


def main():
    certificates()
    passed = failed = 0
    chosen = [(index, name, case) for index, (name, case) in enumerate(cases()) if ONLY in name]
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        jobs = [(name, pool.submit(run, index, 'kubectl', case), pool.submit(run, index, 'mlc', case)) for index, name, case in chosen]
        for name, theirs, ours in jobs:
            (wanted, said), (found, told) = theirs.result(), ours.result()
            if not wanted and 'Please enter Username' in said:  # what nobody can answer here; mlc goes on as nobody
                wanted = found
            good = wanted == found and (found or 'MLC' in told)
            passed, failed = passed + bool(good), failed + (not good)
            print(f'{"ok" if good else "FAIL"} {name}', flush=True)
            if not good or ONLY:
                differ = [key for key in wanted.keys() | found.keys() if wanted.get(key) != found.get(key)] if wanted and found else []
                print(f'  kubectl: {wanted if not differ else {k: wanted.get(k) for k in differ}}\n'
                      f'  mlc:     {found if not differ else {k: found.get(k) for k in differ}}\n'
                      f'  kubectl said: {said.strip()[-300:]}\n  mlc said: {told.strip()[:700]}')
    print(f'{passed} passed, {failed} failed, 0 skipped')
    return failed > 0


if __name__ == '__main__':
    sys.exit(main())
