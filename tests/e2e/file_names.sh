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
for tool in argocd flux; do
  sed "s/environment staging/environment $tool/; s/gitops = flux/gitops = $tool/" shop.mlc >"$tool.mlc" && mkdir -p "of-$tool" &&
    mv "$tool.mlc" "of-$tool"
  runs "an environment called $tool" 0 "$MLC" build "of-$tool" -o "of-$tool/out"
  same "$tool keeps its folder" "$(cd "of-$tool/out/deploy/$tool" && ls | tr '\n' ' ')" "$tool.yaml kustomization-environment.yaml "
  says "and reads the other" "deploy/$tool-environment" "$(cat "of-$tool/out/deploy/$tool/$tool.yaml")"
  same "which has the rest" "$(ls "of-$tool/out/deploy/$tool-environment" | wc -l)" 5
done
cp -r "$root/examples/iris" iris && sed -i 's/\bstaging\b/shared/g' iris/*.mlc
runs "Terraform for an environment called shared" 0 "$MLC" build iris -o iris/out
same "has a root of its own" "$(ls iris/out/infra/shared-environment | tr '\n' ' ')" "identity.tf versions.tf "
says "and a state of its own" "/shared-environment.tfstate" "$(cat iris/out/infra/shared-environment/versions.tf)"
cat >>shop.mlc <<'END'
service secrets-service { image = "example.com/web@sha256:0000000000000000000000000000000000000000000000000000000000000001", port = 8080 }
END
runs "two of one name" 1 "$MLC" build -o out
says "are refused" "is made twice" "$err"
says "with the line of the one" "the first one is made for this" "$err"
says "and of the other" "the second one is made for this" "$err"
says "both in the spec" "expanded from: backends/kubernetes/" "$err"
totals
