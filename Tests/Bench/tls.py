"""Compares mints over TLS with mints without it, on one Redis that accepts both."""

from .processes import free_port, run, say
from .rig import TOKEN


def measure(rig):
    if "TLS" not in run(TOKEN, "--version"):
        say("  skipped: the functions have no TLS, see script/build --tls")
        return
    certificate, key, port = f"{rig.folder}/tls.pem", f"{rig.folder}/tls.key", free_port()
    run("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
        "-keyout", key, "-out", certificate, "-subj", "/CN=bench", "-addext", "subjectAltName=IP:127.0.0.1")
    reply = rig.redis("config", "set", "tls-cert-file", certificate, "tls-key-file", key, "tls-ca-cert-file",
                       certificate, "tls-auth-clients", "no", "tls-port", str(port))
    if reply != "OK":
        raise SystemExit(f"Redis does not speak TLS: {reply}")
    settings = {"REDIS_URL": f"rediss://127.0.0.1:{port}", "REDIS_CA_FILE": certificate}
    encrypted, plain = ([rate for rate, _ in results] for results in rig.rounds(
        lambda: rig.loaded(rig.token, **settings), lambda: rig.loaded(rig.token),
    ))
    rig.ratio("mints a second over TLS against without", encrypted, plain, least=0.7)
