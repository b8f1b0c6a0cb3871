"""Photos and uploaded music: from the upload form to the opened file."""

from infra import functions
from infra.capabilities.service import Service
from infra.capabilities.settings import web_settings
from infra.constructs.music_intake import MusicIntake
from infra.constructs.photo_intake import PhotoIntake
from infra.stacks.data import DataStack


def equip_uploads(service: Service, data: DataStack) -> None:
    """Let the functions of uploads do their work, and call them when a file has arrived."""
    api = service.functions[functions.uploads.UPLOAD_API]
    api.add_environment(**web_settings(service.environment))
    data.records.grant_write(api)
    data.records.grant_list(api)
    data.records.grant_delete(api)
    data.records.grant_find_by_id(api)
    data.media.grant_photo_uploads(api)
    data.media.grant_music_uploads(api)
    data.access_audit.grant_append(api)
    data.idempotency.grant_read_write(api)

    open_photo = service.functions[functions.uploads.UPLOAD_OPEN_PHOTO]
    data.records.grant_write(open_photo)
    data.media.grant_open_photos(open_photo)
    PhotoIntake(service.scope, "PhotoIntake", bucket=data.media.photos, opener=open_photo)

    open_music = service.functions[functions.uploads.UPLOAD_OPEN_MUSIC]
    data.records.grant_write(open_music)
    data.media.grant_open_music(open_music)
    MusicIntake(service.scope, "MusicIntake", bucket=data.media.photos, opener=open_music)
