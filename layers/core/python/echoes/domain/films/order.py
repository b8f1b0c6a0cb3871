"""What a film is ordered from: a project's clips as they are now, all of them paid for."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from echoes.domain.assembly.lettering import require_showable
from echoes.domain.clips.attempts import Attempt, ClipStatus
from echoes.domain.clips.clip import Clip, price_of
from echoes.domain.errors import ClipBusy, FilmNotPaid, InvalidRequest, NotFound
from echoes.domain.films.film import START_GRACE, Film, FilmClip, FilmMusic
from echoes.domain.identifiers import ClipId, Credits, FilmId
from echoes.domain.projects.project import Project, ProjectClip


def order(
    project: Project,
    clips: Mapping[ClipId, Clip],
    *,
    film_id: FilmId,
    available: Credits,
    at: datetime,
    music: FilmMusic | None = None,
) -> Film:
    """
    Return the film of *project* as it is now; *clips* are its clips, as far as there are any.

    *music* is what the project names as its music, if it names any.

    Raises:
        InvalidRequest: It has no clips, or one of them could not be made; or its title card has
            letters that cannot be shown.
        ClipBusy: One of them is still being made.
        FilmNotPaid: Names those that nobody has paid for, and what they cost.
    """
    present = [chosen for chosen in project.shots if chosen.clip_id in clips]
    if not present:
        raise InvalidRequest("add clips to the project first", field="clips")
    if project.look.title_card is not None:
        require_showable(project.look.title_card, field="title_card")
    unpaid = [clip for chosen in present if (clip := clips[chosen.clip_id]).free]
    if unpaid:
        raise FilmNotPaid(
            clip_ids=[clip.clip_id for clip in unpaid],
            project_id=project.project_id,
            required=Credits(sum(price_of(clip.duration_seconds) for clip in unpaid)),
            available=available,
        )
    return Film(
        owner_id=project.owner_id,
        film_id=film_id,
        project_id=project.project_id,
        project_version=project.version,
        title=project.title,
        ratio=project.look.ratio or clips[present[0].clip_id].ratio,
        clips=tuple(_film_clip(chosen, clips[chosen.clip_id]) for chosen in present),
        transition=project.look.transition,
        title_card=project.look.title_card,
        music_track_id=project.look.music_track_id,
        music=music,
        created_at=at,
        updated_at=at,
        due_at=at + START_GRACE,
    )


def unpaid_clips(film: Film, clips: Sequence[Clip]) -> list[Clip]:
    """Return the film's *clips* that are unpaid."""
    attempts = {chosen.clip_id: chosen.attempt for chosen in film.clips}
    return [
        clip
        for clip in clips
        if clip.free or clip.attempts[attempts[clip.clip_id] - 1].status is not ClipStatus.COMPLETED
    ]


def _film_clip(chosen: ProjectClip, clip: Clip) -> FilmClip:
    attempt = _chosen_attempt(chosen, clip)
    media = attempt.media
    if media is None:
        raise NotFound("the clip has no file")
    return FilmClip(
        clip_id=clip.clip_id,
        attempt=attempt.number,
        master_key=media.master_key,
        sha256=media.sha256,
        signature=media.signature,
        frames=media.frames,
        width=media.width,
        height=media.height,
    )


def _chosen_attempt(chosen: ProjectClip, clip: Clip) -> Attempt:
    """Return the attempt that the film shows: a completed one, and so one that was paid for."""
    if chosen.attempt is not None:
        attempt = clip.attempts[chosen.attempt - 1]
        if attempt.status is ClipStatus.COMPLETED:
            return attempt
    if clip.finished is not None:
        return clip.finished
    if clip.attempt.ended:
        raise InvalidRequest(
            f"clip {clip.clip_id} could not be made; regenerate or remove it", field="clips"
        )
    raise ClipBusy("wait until all clips of the project have been made")
