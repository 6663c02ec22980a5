"""Makes the zip of a Lambda function, or describes the content of a package.

usage: package.py zip BINARY FILE | package.py describe FILE LIMIT

LIMIT is in MB. FILE is a Lambda zip or an OCI archive
(https://github.com/opencontainers/image-spec/blob/main/image-layout.md).
Exit code 4: the content is over the limit, or an image has several layers.
"""

import hashlib
import io
import json
import sys
import tarfile
import zipfile


def megabytes(size):
    return f"{size / 1e6:.1f} MB"


def make_zip(binary, file):
    """Makes a zip that depends only on the binary: time, owner and mode are fixed."""
    entry = zipfile.ZipInfo("bootstrap", date_time=(1980, 1, 1, 0, 0, 0))
    entry.create_system = 3  # Unix; otherwise the mode is ignored
    entry.external_attr = 0o100755 << 16
    entry.compress_type = zipfile.ZIP_DEFLATED
    with zipfile.ZipFile(file, "w") as package, open(binary, "rb") as source:
        package.writestr(entry, source.read(), compresslevel=9)


def describe_zip(file):
    with zipfile.ZipFile(file) as package, open(file, "rb") as whole:
        content = whole.read()
        print(megabytes(len(content)))
        print(f"  digest   sha256:{hashlib.sha256(content).hexdigest()}")
        for entry in package.infolist():
            print(f"  content  /{entry.filename}  mode {entry.external_attr >> 16 & 0o7777:04o}  "
                  f"{megabytes(entry.file_size)}")
        return sum(entry.file_size for entry in package.infolist()), 1


def describe_image(file):
    with tarfile.open(file) as archive:
        def blob(digest):
            return archive.extractfile("blobs/" + digest.replace(":", "/")).read()

        [index] = json.load(archive.extractfile("index.json"))["manifests"]
        manifest = json.loads(blob(index["digest"]))
        config = json.loads(blob(manifest["config"]["digest"]))
        run = config["config"]
        print(megabytes(sum(layer["size"] for layer in manifest["layers"])), "to pull")
        print(f"  digest   {index['digest']}")
        print(f"  name     {index['annotations']['org.opencontainers.image.ref.name']}")
        print(f"  platform {config['os']}/{config['architecture']}")
        print(f"  runs     {' '.join(run['Entrypoint'])} as {run['User']}, port {', '.join(run['ExposedPorts'])}")
        for name, value in sorted(run["Labels"].items()):
            print(f"  label    {name}={value}")
        size = 0
        for layer in manifest["layers"]:
            with tarfile.open(fileobj=io.BytesIO(blob(layer["digest"]))) as content:
                for entry in content:
                    size += entry.size
                    print(f"  content  /{entry.name}  mode {entry.mode & 0o7777:04o}  owner {entry.uid}:{entry.gid}  "
                          f"{megabytes(entry.size)}")
        return size, len(manifest["layers"])


def main(verb, *arguments):
    if verb == "zip":
        return make_zip(*arguments)
    file, limit = arguments[0], int(arguments[1]) * 1_000_000
    size, layers = describe_zip(file) if zipfile.is_zipfile(file) else describe_image(file)
    if size > limit or layers != 1:
        print(f"{megabytes(size)} in {layers} layers; the limit is {megabytes(limit)} in one layer", file=sys.stderr)
        return 4


sys.exit(main(*sys.argv[1:]))
