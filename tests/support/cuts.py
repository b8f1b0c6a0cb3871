"""Where the cuts of a film are, found in the segments it is assembled from."""

from echoes.domain.assembly.render_plan import Joint, RenderPlan, pieces_of
from echoes.domain.assembly.transitions import Transition


def cuts(plan: RenderPlan) -> list[int]:
    """Return the frames at which a piece of footage begins to be seen."""
    found, frame = [], 0
    for segment in plan.segments:
        if not isinstance(segment, Joint):
            (piece,) = pieces_of(segment)
            begins = [] if piece.first else [frame]
        elif segment.kind is Transition.CROSS_FADE:
            begins = [frame]
        else:
            begins = [frame + segment.before.frames]
        found += begins
        frame += segment.frames
    return found
