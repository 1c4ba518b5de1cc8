"""The ``roadworthy`` command.

* A command's module is imported when the command runs: ``roadworthy --help`` loads no Django.
* What a command needs (Django, the database) stands in the table and is ready when it runs.
* What was foreseen ends in one sentence on stderr and an exit code (``EXIT_CODES``); only a bug
  shows a traceback.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from importlib import import_module
from typing import Any

import click

from roadworthy import __version__
from roadworthy.config.env import WrongSettings
from roadworthy.config.failures import CannotStart
from roadworthy.kernel import errors

EXIT_CODES: dict[type[Exception], int] = {
    errors.Invalid: 10,
    errors.Forbidden: 11,
    errors.NotFound: 12,
    errors.Conflict: 13,
    errors.Unavailable: 14,
}
WRONG_SETTINGS = 2
INTERRUPTED = 130


class Needs(Enum):
    NOTHING = "nothing"
    DJANGO = "Django's settings and models, no database"
    DATABASE = "a database at the newest migration"


@dataclass(frozen=True)
class Entry:
    target: str  # module:command
    text: str
    needs: Needs = Needs.NOTHING
    is_hidden: bool = False


COMMANDS = {
    "up": Entry("roadworthy.cli.up:up", "Run everything on this machine until Ctrl-C."),
    "web": Entry("roadworthy.cli.serve:web", "Run the portals only."),
    "gateway": Entry("roadworthy.cli.serve:gateway", "Run the vehicle gateway only."),
    "worker": Entry("roadworthy.cli.serve:worker", "Run rollouts, deadlines and queued work."),
    "found": Entry(
        "roadworthy.cli.federation.found:found",
        "Set up an organisation's own deployment, once.",
        Needs.DATABASE,
    ),
    "exchange": Entry(
        "roadworthy.cli.serve:exchange", "Run the exchange with other deployments only."
    ),
    "init": Entry("roadworthy.cli.setup:init", "Make the platform's keys, once.", Needs.DATABASE),
    "organisation": Entry(
        "roadworthy.cli.setup:organisation", "Enter an organisation.", Needs.DATABASE
    ),
    "attested": Entry(
        "roadworthy.cli.setup:attested",
        "Say that an authority answers on paper, or joins.",
        Needs.DATABASE,
    ),
    "person": Entry("roadworthy.cli.setup:person", "Open an account with a role.", Needs.DATABASE),
    "key": Entry("roadworthy.cli.setup:key", "Make a person's signing key.", Needs.DATABASE),
    "ceremony": Entry(
        "roadworthy.cli.setup:ceremony", "Say who signs a manufacturer's releases.", Needs.DATABASE
    ),
    "peers": Entry("roadworthy.cli.peers:peers", "Get to know other deployments.", Needs.DATABASE),
    "gateway-token": Entry(
        "roadworthy.cli.setup:gateway_token", "Make a new gateway token.", Needs.DATABASE
    ),
    "types": Entry("roadworthy.cli.vehicles:types_", "Register vehicle types.", Needs.DATABASE),
    "vehicles": Entry("roadworthy.cli.vehicles:vehicles", "Register vehicles.", Needs.DATABASE),
    "incidents": Entry(
        "roadworthy.cli.incidents:incidents",
        "Take in files of incidents and disengagements.",
        Needs.DATABASE,
    ),
    "recalls": Entry("roadworthy.cli.recalls:recalls", "Read files of recalls.", Needs.DATABASE),
    "figures": Entry(
        "roadworthy.cli.figures:figures", "Count what happened; ask indicators.", Needs.DATABASE
    ),
    "standards": Entry(
        "roadworthy.cli.standards:standards",
        "Read and give out the catalogue of standards.",
        Needs.DATABASE,
    ),
    "trace": Entry("roadworthy.cli.proof:trace", "Tell the story of a release.", Needs.DATABASE),
    "export": Entry(
        "roadworthy.cli.proof:export", "Write the proof of a release to a file.", Needs.DATABASE
    ),
    "verify": Entry("roadworthy.cli.proof:verify", "Check a proof offline."),
    "dossier": Entry(
        "roadworthy.cli.dossier:dossier", "Hand a filing to another deployment, or take one in."
    ),
    "custody": Entry(
        "roadworthy.cli.custody:custody", "Check a chain of custody that was exported."
    ),
    "witness": Entry(
        "roadworthy.cli.proof:witness", "Cosign the log, as an authority's witness.", Needs.DATABASE
    ),
    "law": Entry("roadworthy.cli.law:law", "Ask the rulebook: what does the law want, and why?"),
    "demo": Entry("roadworthy.cli.demo.command:demo", "Show the whole loop on real input."),
    "demo-federation": Entry(
        "roadworthy.cli.federation.command:demo_federation",
        "Show the loop between four deployments.",
    ),
    "hand": Entry(
        "roadworthy.cli.federation.hand:hand",
        "Take steps in one deployment, read from standard input.",
        Needs.DATABASE,
        is_hidden=True,
    ),
    "simulate": Entry("roadworthy.cli.simulate:simulate", "Let vehicles follow updates."),
    "back-up": Entry("roadworthy.cli.backup:back_up", "Write a back-up while everything runs."),
    "restore": Entry("roadworthy.cli.backup:restore", "Put a back-up into an empty home."),
    "log": Entry(
        "roadworthy.cli.log:log", "Move entries of the log between copies.", Needs.DATABASE
    ),
    "migrate": Entry("roadworthy.cli.database:migrate", "Bring the database up to date."),
    "check": Entry("roadworthy.cli.database:check", "Say whether everything is in order."),
}


class Commands(click.Group):
    """A table such as the one above as a click group."""

    def __init__(self, *, entries: Mapping[str, Entry], **attributes: Any) -> None:
        super().__init__(**attributes)
        self.entries = entries

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click gives it
        return [name for name, entry in self.entries.items() if not entry.is_hidden]

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            rows = [(name, self.entries[name].text) for name in self.list_commands(ctx)]
            formatter.write_dl(rows)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        entry = self.entries.get(cmd_name)
        if entry is None:
            return None
        return loaded(entry)


def loaded(entry: Entry) -> click.Command:
    """Import a command and see to what it needs."""
    module, name = entry.target.split(":")
    if entry.needs is Needs.NOTHING:
        alone: click.Command = getattr(import_module(module), name)
        return alone
    from roadworthy.cli import session  # noqa: PLC0415 - it loads Django

    session.set_up_django()
    command: click.Command = getattr(import_module(module), name)
    if entry.needs is Needs.DATABASE and "--help" not in sys.argv:
        command.invoke = session.with_database(command.invoke)  # type: ignore[method-assign]
    return command


@click.group(
    cls=Commands,
    entries=COMMANDS,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    help="The closed loop for software-defined vehicles: an OTA platform that knows the law.",
)
@click.version_option(__version__, prog_name="roadworthy")
def roadworthy() -> None: ...


def _exit_code(wrong: Exception) -> int:
    if isinstance(wrong, CannotStart):
        return wrong.exit_code
    if isinstance(wrong, WrongSettings):
        return WRONG_SETTINGS
    return next((code for kind, code in EXIT_CODES.items() if isinstance(wrong, kind)), 1)


def main(arguments: list[str] | None = None) -> Any:
    """Run the command line and leave with its exit code."""
    try:
        # Outside its standalone mode click hands an exit code back instead of raising it.
        code = roadworthy.main(args=arguments, prog_name="roadworthy", standalone_mode=False)
    except (CannotStart, WrongSettings, errors.DomainError) as wrong:
        click.echo(str(wrong), err=True)
        sys.exit(_exit_code(wrong))
    except click.exceptions.Exit as over:
        sys.exit(over.exit_code)
    except (click.Abort, KeyboardInterrupt):
        sys.exit(INTERRUPTED)
    except click.ClickException as wrong:
        wrong.show()
        sys.exit(wrong.exit_code)
    sys.exit(code if isinstance(code, int) else 0)
