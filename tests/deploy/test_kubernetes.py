"""deploy/kubernetes, rendered by kustomize and held against Kubernetes' schemas and the restricted profile."""
import re
import subprocess

import kubernetes_validate
import pytest
import yaml

pytestmark = pytest.mark.cluster
VERSIONS = ("1.29", "1.37")  # the oldest that is looked at, and the newest whose schemas are there
KEDA = "keda.sh/v1alpha1"


@pytest.fixture(scope="module", params=["development", "production"])
def overlay(request, root):
    done = subprocess.run([root / ".deps/kustomize/kustomize", "build", root / "deploy/kubernetes/overlays" / request.param],
                          stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0 and not done.stderr, done.stderr
    documents = list(yaml.safe_load_all(done.stdout))
    return request.param, documents


def of_kind(overlay, kind):
    return {document["metadata"]["name"]: document for document in overlay[1] if document["kind"] == kind}


def pods(overlay):
    return {name: document["spec"]["template"] for kind in ("Deployment", "Job")
            for name, document in of_kind(overlay, kind).items()}


def containers(pod):
    return pod["spec"]["containers"] + pod["spec"].get("initContainers", [])


@pytest.mark.parametrize("version", VERSIONS)
def test_every_object_is_valid(overlay, version):
    for document in overlay[1]:
        if document["apiVersion"] != KEDA:
            kubernetes_validate.validate(document, version, strict=True)


def test_the_schemas_do_refuse_what_is_wrong(overlay):
    document = next(iter(of_kind(overlay, "Deployment").values()))
    wrong = {**document, "spec": {**document["spec"], "replica": 3}}
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(wrong, VERSIONS[-1], strict=True)


def test_every_processor_has_what_it_needs(overlay, processors):
    names = {"reviews-" + name for name in processors}
    for kind in ("Deployment", "Service", "PodDisruptionBudget", "NetworkPolicy", "ServiceAccount"):
        assert names <= set(of_kind(overlay, kind)), kind
    for name, port in processors.items():
        deployment = of_kind(overlay, "Deployment")["reviews-" + name]
        container, = deployment["spec"]["template"]["spec"]["containers"]
        assert re.search(r"reviewstream/%s(:|$)" % name, container["image"])
        assert container["ports"] == [{"name": "http", "containerPort": port}]
        service = of_kind(overlay, "Service")["reviews-" + name]["spec"]
        assert service["ports"][0]["port"] == port and service["publishNotReadyAddresses"]


def test_selectors_choose_one_processor_each(overlay, processors):
    for name in processors:
        full = "reviews-" + name
        labels = of_kind(overlay, "Deployment")[full]["spec"]["template"]["metadata"]["labels"]
        selectors = [of_kind(overlay, "Deployment")[full]["spec"]["selector"]["matchLabels"],
                     of_kind(overlay, "Service")[full]["spec"]["selector"],
                     of_kind(overlay, "PodDisruptionBudget")[full]["spec"]["selector"]["matchLabels"],
                     of_kind(overlay, "NetworkPolicy")[full]["spec"]["podSelector"]["matchLabels"]]
        for selector in selectors:
            assert selector.items() <= labels.items() and selector["app.kubernetes.io/component"] == name


def test_pods_keep_the_restricted_profile(overlay):
    """Pod Security Standards, "restricted", and a read-only root besides."""
    for name, pod in pods(overlay).items():
        assert not {"hostNetwork", "hostPID", "hostIPC", "volumes"} & set(pod["spec"]), name
        security = pod["spec"]["securityContext"]
        assert security["runAsNonRoot"] and security["runAsUser"] == 65532, name
        assert security["seccompProfile"]["type"] == "RuntimeDefault", name
        assert pod["spec"]["automountServiceAccountToken"] is False, name
        assert pod["spec"]["enableServiceLinks"] is False, f"{name}: REVIEWS_CACHE_PORT would be an unknown setting"
        for container in containers(pod):
            assert container["securityContext"] == {"allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True,
                                                    "capabilities": {"drop": ["ALL"]}}, name
            assert set(container["resources"]["limits"]) == {"cpu", "memory"} == set(container["resources"]["requests"])


def test_processors_are_probed_and_have_time_to_drain(overlay, processors):
    for name in processors:
        pod = pods(overlay)["reviews-" + name]["spec"]
        container, = pod["containers"]
        assert [container[probe]["httpGet"]["path"] for probe in ("startupProbe", "livenessProbe", "readinessProbe")] == [
            "/healthz", "/healthz", "/readyz"]
        assert pod["terminationGracePeriodSeconds"] > 10


def test_secrets_come_by_reference_only(overlay):
    assert not of_kind(overlay, "Secret")
    secret = re.compile("PASSWORD|SECRET|TOKEN|KEY$")
    for document in of_kind(overlay, "ConfigMap").values():
        assert not [name for name in document["data"] if secret.search(name)]
    for name, pod in pods(overlay).items():
        for container in containers(pod):
            for variable in container.get("env", ()):
                assert not secret.search(variable["name"]) or "secretKeyRef" in variable["valueFrom"], name


def test_a_network_policy_lets_in_prometheus_and_out_what_is_needed(overlay, processors):
    stores = {"search": 9200, "analytics": 8123}
    for name in processors:
        policy = of_kind(overlay, "NetworkPolicy")["reviews-" + name]["spec"]
        assert policy["policyTypes"] == ["Ingress", "Egress"]
        (rule,) = policy["ingress"]
        assert rule["from"][0]["podSelector"]["matchExpressions"][0]["values"] == ["prometheus"]
        assert "matchLabels" not in rule["from"][0]["podSelector"]
        out = {port["port"] for rule in policy["egress"] for port in rule["ports"]}
        assert out == {53, 9092, 9093, stores.get(name, 6379)}


def test_scaling_by_lag_is_bounded_by_the_partitions(overlay, processors):
    """KEDA's kinds, by its documentation: https://keda.sh/docs/2.17/scalers/apache-kafka/"""
    scaled = of_kind(overlay, "ScaledObject")
    if overlay[0] == "development":
        assert not scaled
        return
    known = {"bootstrapServers", "consumerGroup", "topic", "lagThreshold", "offsetResetPolicy", "allowIdleConsumers",
             "excludePersistentLag"}
    authentications = of_kind(overlay, "TriggerAuthentication")
    for name in processors:
        document = scaled["reviews-" + name]
        spec = document["spec"]
        assert document["apiVersion"] == KEDA and set(spec) == {
            "scaleTargetRef", "minReplicaCount", "maxReplicaCount", "pollingInterval", "cooldownPeriod", "advanced", "triggers"}
        assert spec["scaleTargetRef"]["name"] in of_kind(overlay, "Deployment")
        assert "replicas" not in of_kind(overlay, "Deployment")[spec["scaleTargetRef"]["name"]]["spec"]
        assert 1 <= spec["minReplicaCount"] <= spec["maxReplicaCount"] == 12
        (trigger,) = spec["triggers"]
        metadata = trigger["metadata"]
        assert trigger["type"] == "kafka" and set(metadata) == known
        assert all(isinstance(value, str) for value in metadata.values()), "KEDA takes texts only"
        assert metadata["consumerGroup"] == f"reviews-{name}-g1" and metadata["topic"] == "moderated-reviews"
        assert metadata["allowIdleConsumers"] == "false" and int(metadata["lagThreshold"]) > 0
        assert trigger["authenticationRef"]["name"] in authentications
    for document in authentications.values():
        for reference in document["spec"]["secretTargetRef"]:
            assert set(reference) == {"parameter", "name", "key"}


def test_topics_have_as_many_partitions_as_the_scaler_goes_to(root):
    job = yaml.safe_load((root / "deploy/kubernetes/overlays/development/topics.yaml").read_text())
    words = job["spec"]["template"]["spec"]["containers"][0]["args"]
    assert words[words.index("--partitions") + 1] == "12"


def test_every_program_takes_the_settings(overlay, processors, accepts):
    (settings,) = of_kind(overlay, "ConfigMap").values()
    for name in processors:
        pod = pods(overlay)["reviews-" + name]["spec"]
        environment = dict(settings["data"])
        for variable in pod["containers"][0]["env"]:
            environment[variable["name"]] = "a-canary"
        said = accepts(name, environment)
        assert environment["REVIEWS_KAFKA_BROKERS"] in said and "a-canary" not in said
