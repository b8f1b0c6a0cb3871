"""A story's plan as JSON."""

from typing import Any

from echoes.domain.assembly.render_plan import FPS
from echoes.domain.stories.plan import Card, PlannedShot, Reason, StoryChapter, StoryPlan


def story_body(plan: StoryPlan) -> dict[str, Any]:
    """Return *plan* as clients see it. The same plan is the same JSON, byte for byte."""
    music = plan.soundtrack
    grid = music.grid if music else None
    return {
        "version": plan.version,
        "ratio": plan.ratio.value,
        "transition": plan.transition.value,
        "music_track_id": music.music_track_id if music else None,
        "tempo_bpm": grid.tempo_bpm if grid else None,
        "beat_frames": grid.beat_frames if grid else None,
        "frames_per_second": FPS,
        "frames": plan.frames,
        "duration_seconds": round(plan.frames / FPS, 3),
        "cut_error_frames": plan.cut_error_frames,
        "credits": plan.credits,
        "title_card": _card(plan.opening),
        "chapters": [_chapter(chapter) for chapter in plan.chapters],
        "set_aside": [
            {
                "upload_id": left.upload_id,
                "instead": left.instead,
                "likeness": left.likeness.value,
                "differing_bits": left.differing_bits,
                "gap_seconds": left.gap_seconds,
                "text": left.text,
            }
            for left in plan.set_aside
        ],
        "reasons": _reasons(plan.reasons),
    }


def _chapter(chapter: StoryChapter) -> dict[str, Any]:
    return {
        "title_card": _card(chapter.card),
        "reasons": _reasons(chapter.reasons),
        "shots": [_shot(shot) for shot in chapter.shots],
    }


def _shot(shot: PlannedShot) -> dict[str, Any]:
    return {
        "upload_id": shot.upload_id,
        "motion": shot.motion.value,
        "duration_seconds": shot.duration_seconds,
        "frames": shot.frames,
        "first_frame": shot.first_frame,
        "beat": shot.beat,
        "credits": shot.credits,
        "reasons": _reasons(shot.reasons),
    }


def _card(card: Card | None) -> dict[str, Any] | None:
    return None if card is None else {"text": card.text, "frames": card.frames}


def _reasons(reasons: tuple[Reason, ...]) -> list[dict[str, str]]:
    return [{"code": reason.because.value, "text": reason.text} for reason in reasons]
