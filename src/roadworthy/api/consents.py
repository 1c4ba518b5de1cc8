"""An owner's answer, given on the vehicle's own screen; the token of the notice is the proof."""

from __future__ import annotations

from typing import Literal

from django.http import HttpRequest
from django.utils import timezone
from ninja import Router, Schema

from roadworthy.domains.campaigns import services

router = Router(tags=["consents"])


class AnswerIn(Schema):
    """What the owner chose, in which language, of which version of the notice."""

    choice: Literal["yes", "no"]
    language: Literal["zh-hans", "en"]
    notice_version: int | None = None


class AnswerOut(Schema):
    """What stands now."""

    choice: Literal["yes", "no"]
    state: str


@router.post("/{token}", response=AnswerOut)
def answer(request: HttpRequest, token: str, body: AnswerIn) -> AnswerOut:  # noqa: ARG001
    """Keep an owner's answer; the last one counts."""
    action = services.answer_consent(
        token=token,
        choice=body.choice,
        language=body.language,
        channel="vehicle",
        notice_version=body.notice_version,
        at=timezone.now(),
    )
    return AnswerOut(choice=body.choice, state=action.state)
