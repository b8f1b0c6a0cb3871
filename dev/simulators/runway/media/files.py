"""The hosts beside the API: the storage that takes uploads, and the one that serves films."""

import re
from typing import Final

from dev.simulators.core.request import Request
from dev.simulators.core.response import FilePart, Response
from dev.simulators.runway.media.outputs import RangeNotSatisfiable, parse_range
from dev.simulators.runway.media.uploads import StorageRefused, parse_form
from dev.simulators.runway.provider import Provider
from dev.simulators.runway.responses import json_response, no_content

FILMS: Final = "/outputs/"

_FILM: Final = re.compile(FILMS + r"([0-9a-f-]{36})\.mp4")


def store_file(provider: Provider, request: Request) -> Response:
    """Take the form of an upload as S3 would: 204, or an error in XML."""
    try:
        provider.store_upload(parse_form(request.body, request.headers.get("content-type", "")))
    except StorageRefused as refused:
        xml = f"<?xml version='1.0'?><Error><Code>{refused}</Code></Error>".encode()
        return Response(
            status=refused.status, body=xml, headers={"Content-Type": "application/xml"}
        )
    return no_content()


def serve_film(provider: Provider, request: Request) -> Response:
    """Answer with a film or the part asked for; 403 when the link is not, or no longer, valid."""
    match = _FILM.fullmatch(request.path)
    task_id = match.group(1) if match else ""
    if not provider.links.opens(task_id, request.parameters.get("_jwt", "")):
        return json_response(403, {"message": "Forbidden"})
    found = provider.film(task_id)
    if found is None:
        return json_response(404, {"message": "Not Found"})
    path, size = found
    headers = {"Content-Type": "video/mp4", "Accept-Ranges": "bytes", "ETag": f'"{task_id}"'}
    try:
        part = parse_range(request.headers.get("range"), size)
    except RangeNotSatisfiable:
        return Response(status=416, headers=headers | {"Content-Range": f"bytes */{size}"})
    if part is None:
        whole = FilePart(path=path, first=0, length=size)
        return Response(status=200, headers=headers, file=whole)
    headers["Content-Range"] = f"bytes {part.first}-{part.last}/{size}"
    file = FilePart(path=path, first=part.first, length=part.length)
    return Response(status=206, headers=headers, file=file)
