"""Notices of payments, kept in memory."""

from echoes.application.ports.notices import PaymentNotice


class InMemoryNoticeQueue:
    """The port `NoticeQueue`; ``notices`` are those that wait, oldest first."""

    def __init__(self) -> None:
        self.notices: list[PaymentNotice] = []

    def put(self, notice: PaymentNotice) -> None:
        """Queue *notice*, unless the same event waits already."""
        if all(waiting.event_id != notice.event_id for waiting in self.notices):
            self.notices.append(notice)
