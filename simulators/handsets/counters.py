"""What all handsets together have seen."""

import attrs


@attrs.define(eq=False)
class HandsetCounters:
    """Numbers since the start. `shown` are whole texts, `parts` are parts of long ones."""

    shown: int = 0
    shown_again: int = 0
    """Texts that the same handset had been shown before, from the same source."""
    copies_visible: int = 0
    """Texts that came while a copy of them stood in the inbox."""
    replaced_texts: int = 0
    flashes: int = 0
    """Class 0: shown, and not stored."""
    silent: int = 0
    """Short Message Type 0: acknowledged, and neither shown nor stored."""
    parts: int = 0
    parts_repeated: int = 0
    parts_dropped: int = 0
    """Parts of long texts whose others did not come."""
    memory_full: int = 0
    texts_forgotten: int = 0
    """Texts that made room for later ones."""
    room_kept: int = 0
    """Short messages that all inboxes and their histories hold now."""
    handsets_forgotten: int = 0
    """Handsets that nobody had used for longest, when there were too many: their inboxes are empty now."""
    answers: int = 0
    answers_lost: int = 0
    """Answers of handsets that never came back, or that were too many at a time."""
