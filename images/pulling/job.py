"""The job that brings an image from its registry."""

from typing import Any

from containermonkey.problems import EngineRefused
from engine import Docker, engine
from engine.distribution import digest_to_pull
from engine.pulls import by_digest, pull_image
from images.mapping import short
from images.registries.services import credentials_for
from images.services import GIVE_BACK, REMOVE, named, tag_of
from jobs.running import RunningJob

PULLING = (0.0, 95.0)
"""Per cent; the rest is the Engine's unpacking, of which it says no bytes."""


def run_pull(running: RunningJob) -> dict[str, Any]:
    """Pull, and say whether it was newer; what its name meant before it means again otherwise."""
    reference, platform = running.arguments["reference"], running.arguments["platform"]
    credentials = credentials_for(reference)
    with engine() as docker:
        before = docker.find_image(reference)
        running.start()
        running.step(f"Pulling {reference}")
        digest = ""
        if before is not None:
            digest = digest_to_pull(
                docker, reference, on_wait=running.check, credentials=credentials
            )
        write_undo(running, docker, reference, before, digest)
        running.measure(None, span=PULLING)
        pull_image(
            docker,
            reference,
            on_progress=running.reach,
            credentials=credentials,
            platform=platform,
            digest=digest,
        )
        result = result_of(docker, reference, before)
        running.undo.commit(result, [])
        for sentence in result["report"]:
            running.log(sentence)
        return result


def write_undo(
    running: RunningJob,
    docker: Docker,
    reference: str,
    before: dict[str, Any] | None,
    digest: str,
) -> None:
    """Write down what the name meant, and what has no name by now: it may be what is pulled."""
    if before is None:
        running.undo.write(REMOVE, reference=reference)
    elif "@" not in reference:  # what has a digest cannot become another one
        nameless = [row["Id"] for row in docker.images() if not named(row["RepoTags"])]
        pulled = by_digest(reference, digest) if digest else ""
        tag = tag_of(reference)
        running.undo.write(GIVE_BACK, tag=tag, image=before["Id"], nameless=nameless, pulled=pulled)


def result_of(docker: Docker, reference: str, before: dict[str, Any] | None) -> dict[str, Any]:
    """What came of it: the image's id and digest, and whether it is another one than before."""
    image = docker.find_image(reference)
    if image is None:
        raise EngineRefused(f"{reference} was pulled and is not on the host any more.")
    digest = digest_of(image, reference)
    return {
        "reference": reference,
        "image_id": image["Id"],
        "digest": digest,
        "newer": before is None or before["Id"] != image["Id"],
        "report": list(report_on(image, digest, before)),
    }


def digest_of(image: dict[str, Any], reference: str) -> str:
    """The digest under which the registry has an image; empty where the Engine tells none."""
    repository = tag_of(reference.partition("@")[0]).rpartition(":")[0]
    for full in image.get("RepoDigests") or []:
        name, _, digest = full.partition("@")
        if name == repository:
            return str(digest)
    return ""


def report_on(image: dict[str, Any], digest: str, before: dict[str, Any] | None) -> list[str]:
    if before is None:
        sentences = ["It was not on this host before."]
    elif before["Id"] == image["Id"]:
        sentences = ["It is up to date: the registry has the same one."]
    else:
        sentences = [
            "It is newer than the one before.",
            f"The one before ({short(before['Id'])}) is still on the host. Containers that run "
            "from it go on with it until they are redeployed.",
        ]
    sentences.append(f"Its id is {short(image['Id'])}.")
    return [*sentences, f"Its digest is {digest}."] if digest else sentences
