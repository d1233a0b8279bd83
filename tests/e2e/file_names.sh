#!/usr/bin/env bash
# Services, monitors and environments may be called what a folder of manifests calls something else.
. "$(dirname "$0")/lib.sh"
cd "$work" || exit 1
cat >shop.mlc <<'END'
project shop { owner = "a@example.com", repository = "github.com/example/shop" }
for name in ["secrets", "namespace", "kustomization"] {
  service "\(name)" { image = "example.com/web@sha256:0000000000000000000000000000000000000000000000000000000000000001", replicas = 2, port = 8080, env = { TOKEN: token } }
}
secret token { from = aws("shop/token") }
environment staging { namespace = "shop-staging" }
environment kustomization { namespace = "shop-k" }
target kubernetes { gitops = argocd }
END
runs "reserved names build" 0 "$MLC" build -o out
same "each has its file" "$(cd out/deploy/staging && ls)" \
  $'kustomization-service.yaml\nnamespace-service.yaml\nnamespace.yaml\nsecrets-service.yaml\nsecrets.yaml'
same "applications too" "$(cd out/deploy/argocd && ls)" $'kustomization-environment.yaml\nstaging.yaml'
says "the objects keep their names" "name: secrets" "$(cat out/deploy/staging/secrets-service.yaml)"
sed -i 's/argocd/flux/' shop.mlc
runs "for Flux" 0 "$MLC" build -o flux
same "as well" "$(cd flux/deploy/flux && ls)" $'kustomization-environment.yaml\nstaging.yaml'
cat >>shop.mlc <<'END'
service secrets-service { image = "example.com/web@sha256:0000000000000000000000000000000000000000000000000000000000000001", port = 8080 }
END
runs "two of one name" 1 "$MLC" build -o out
says "are refused" "is made twice" "$err"
totals
