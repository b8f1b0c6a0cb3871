"""The hosts beside the API: the storage that takes uploads, and the one that serves films."""

import re
from typing import Final

from dev.simulators.runway.exchange import FilePart, Reply, Request, json_reply, no_content
from dev.simulators.runway.media.outputs import ByteRange, RangeNotSatisfiable, parse_range
from dev.simulators.runway.media.uploads import StorageRefused, parse_form
from dev.simulators.runway.provider import Provider

FILMS: Final = "/outputs/"

_FILM: Final = re.compile(FILMS + r"([0-9a-f-]{36})\.mp4")


def store_file(provider: Provider, request: Request) -> Reply:
    """Take the form of an upload as S3 would: 204, or an error in XML."""
    try:
        provider.store_upload(parse_form(request.body, request.headers.get("content-type", "")))
    except StorageRefused as refused:
        xml = f"<?xml version='1.0'?><Error><Code>{refused}</Code></Error>".encode()
        return Reply(status=refused.status, body=xml, headers={"Content-Type": "application/xml"})
    return no_content()


def serve_film(provider: Provider, request: Request) -> Reply:
    """Answer with a film or the part asked for; 403 when the link is not valid (any more)."""
    match = _FILM.fullmatch(request.path)
    task_id = match.group(1) if match else ""
    if not provider.links.opens(task_id, request.query.get("_jwt", "")):
        return json_reply(403, {"message": "Forbidden"})
    found = provider.film(task_id)
    if found is None:
        return json_reply(404, {"message": "Not Found"})
    path, size = found
    headers = {"Content-Type": "video/mp4", "Accept-Ranges": "bytes", "ETag": f'"{task_id}"'}
    try:
        part = parse_range(request.headers.get("range"), size)
    except RangeNotSatisfiable:
        return Reply(status=416, headers=headers | {"Content-Range": f"bytes */{size}"})
    if part is None:
        whole = ByteRange(first=0, last=size - 1)
        return Reply(status=200, headers=headers, file=FilePart(path=path, part=whole))
    headers["Content-Range"] = f"bytes {part.first}-{part.last}/{size}"
    return Reply(status=206, headers=headers, file=FilePart(path=path, part=part))
