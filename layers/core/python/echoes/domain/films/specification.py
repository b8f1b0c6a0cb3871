"""What a film is assembled from: its clips as masters, its title card, its music."""

from echoes.domain.assembly.render_plan import FilmSpec, Footage, Master, TitleCard, Track
from echoes.domain.films.film import Film, FilmMusic
from echoes.domain.music.beats import BeatGrid, card_frames
from echoes.domain.music.tracks import MusicTrack


def spec_of(film: Film, *, signature: str) -> FilmSpec:
    """
    Return what is to be assembled; *signature* is the encoding of the film's masters.

    A title card lasts until a beat of the film's music. That follows from the film alone, so every
    step of the workflow plans the same card.
    """
    width, height = film.ratio.size
    footage: list[Footage] = [
        Master(
            handle=clip.master_key,
            sha256=clip.sha256,
            signature=clip.signature,
            frames=clip.frames,
            width=clip.width,
            height=clip.height,
        )
        for clip in film.clips
    ]
    music, track, grid = film.music, None, None
    if music is not None:
        track = Track(handle=music.key, sha256=music.sha256, profile=music.profile)
        grid = BeatGrid(beat_frames=music.beat_frames) if music.beat_frames else None
    if film.title_card is not None:
        frames = card_frames(grid, film.transition)
        footage.insert(
            0, TitleCard(text=film.title_card, width=width, height=height, frames=frames)
        )
    return FilmSpec(
        width=width,
        height=height,
        signature=signature,
        footage=tuple(footage),
        transitions=(film.transition,) * (len(footage) - 1),
        track=track,
    )


def music_of(track: MusicTrack) -> FilmMusic:
    """Return what a film needs to know about a catalogue track."""
    return FilmMusic(key=track.key, sha256=track.sha256, beat_frames=track.grid.beat_frames)
