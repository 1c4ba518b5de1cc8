"""Everything that can be set from outside is a field here, read once from ``ROADWORTHY_*``.

* All mistakes are reported together, each with its variable, its value and what would be right.
* An unknown ``ROADWORTHY_*`` variable is a mistake: a typo never falls back to a default silently.
* A secret prints as ``***`` wherever it ends up.
* ``docs/reference/settings.md`` is generated from the fields.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import Field, dataclass, field, fields, replace
from pathlib import Path
from typing import Any, get_type_hints
from urllib.parse import urlsplit

from roadworthy.config import reading

PREFIX = "ROADWORTHY_"
TEST_PREFIX = PREFIX + "TEST_"  # the tests' own switches, read by tests/conftest.py
AUDIENCES = ("all", "manufacturer", "authority", "institution", "owner", "public")
LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")
LOCAL_HOSTS = frozenset({"localhost", "127.0.0.1", "::1"})


@dataclass(frozen=True, repr=False)
class Secret:
    """A text that does not show itself; ``reveal()`` is easy to search for."""

    _text: str

    def __str__(self) -> str:
        return "***"

    __repr__ = __str__

    def reveal(self) -> str:
        return self._text


class WrongSettings(Exception):
    """One or more variables cannot be used; the message has a line for each."""

    def __init__(self, mistakes: list[str]) -> None:
        self.mistakes = tuple(mistakes)
        super().__init__("\n".join(mistakes))


def _database(raw: str) -> Secret:
    if not raw.startswith(("postgresql://", "postgres://")):
        raise ValueError("an address such as postgresql://user:password@host/name")
    return Secret(raw)


def _mail_server(raw: str) -> Secret:
    expected = (
        "an address such as smtps://user:password@mail.example or "
        "smtp+starttls://user:password@mail.example:587"
    )
    try:
        parts = urlsplit(raw)
        parts.port  # noqa: B018 - reading it checks it
    except ValueError:
        raise ValueError(expected) from None
    if parts.scheme not in {"smtp", "smtps", "smtp+starttls"} or not parts.hostname:
        raise ValueError(expected)
    if parts.scheme == "smtp" and parts.password and parts.hostname not in LOCAL_HOSTS:
        raise ValueError("smtps:// or smtp+starttls://: a password needs an encrypted connection")
    return Secret(raw)


def _long_secret(raw: str) -> Secret:
    if len(raw) < 32:
        raise ValueError("at least 32 characters")
    return Secret(raw)


def _setting(default: Any, read: Callable[[str], Any], text: str, *, otherwise: str = "") -> Any:
    """Declare a field: how it is read, and what the reference says about it."""
    return field(default=default, metadata={"read": read, "text": text, "otherwise": otherwise})


def default_home(environ: Mapping[str, str]) -> Path:
    """Return where the data lives unless told otherwise.

    Root keeps it in ``/var/lib``: the embedded PostgreSQL refuses to run as root, and the user it
    runs as instead cannot look into root's home.
    """
    if os.geteuid() == 0:
        return Path("/var/lib/roadworthy")
    base = environ.get("XDG_DATA_HOME") or Path(environ.get("HOME", "~"), ".local", "share")
    return Path(base).expanduser().absolute() / "roadworthy"


@dataclass(frozen=True)
class Environment:
    home: Path = _setting(
        Path(),
        reading.path,
        "Folder for everything Roadworthy keeps: the embedded database, images, keys, logs.",
        otherwise="`/var/lib/roadworthy` for root, else `~/.local/share/roadworthy`",
    )
    database_url: Secret | None = _setting(
        None,
        _database,
        "PostgreSQL 15 or later to use instead of the embedded one.",
        otherwise="the embedded PostgreSQL in `ROADWORTHY_HOME`",
    )
    database_pool: int = _setting(
        4, reading.count, "Database connections a web process keeps; 0 opens one for each request."
    )
    secret_key: Secret | None = _setting(
        None,
        _long_secret,
        "Signs sessions and forms. The same for all web processes.",
        otherwise="made once and kept in `ROADWORTHY_HOME/secrets`",
    )
    online_key_passphrase: Secret | None = _setting(
        None,
        _long_secret,
        "Opens the keys that sign without a person: timestamp, snapshot, log checkpoint.",
        otherwise="made once and kept in `ROADWORTHY_HOME/secrets`",
    )
    web_host: str = _setting("127.0.0.1", reading.text, "Address the portals listen on.")
    web_port: int = _setting(8000, reading.port, "Port the portals listen on.")
    web_threads: int = _setting(
        4, reading.at_least_one, "Requests one web process answers at a time."
    )
    web_workers: int = _setting(1, reading.at_least_one, "Number of web processes.")
    gateway_host: str = _setting(
        "127.0.0.1", reading.text, "Address the vehicle gateway listens on."
    )
    gateway_port: int = _setting(8010, reading.port, "Port the vehicle gateway listens on.")
    gateway_workers: int = _setting(1, reading.at_least_one, "Number of gateway processes.")
    gateway_stale_seconds: int = _setting(
        5,
        reading.at_least_one,
        'A gateway that has not heard from the database for so long says "nothing to do".',
    )
    name: str = _setting(
        "",
        reading.short_name,
        "Short name of the organisation that this deployment serves, and so its name among other "
        "deployments.",
        otherwise="this deployment exchanges nothing with others",
    )
    exchange_host: str = _setting("127.0.0.1", reading.text, "Address the exchange listens on.")
    exchange_port: int = _setting(8020, reading.port, "Port the exchange listens on.")
    exchange_url: str = _setting(
        "",
        reading.secure_address,
        "Where other deployments reach the exchange.",
        otherwise="`https://` with `ROADWORTHY_EXCHANGE_HOST` and `ROADWORTHY_EXCHANGE_PORT`",
    )
    public_url: str = _setting(
        "",
        reading.web_address,
        "Where people reach the portals; `https` makes cookies secure.",
        otherwise="`http://` with `ROADWORTHY_WEB_HOST` and `ROADWORTHY_WEB_PORT`",
    )
    gateway_url: str = _setting(
        "",
        reading.web_address,
        "Goes into every link that vehicles get.",
        otherwise="the host that the vehicle asked",
    )
    smtp_url: Secret | None = _setting(
        None,
        _mail_server,
        "Mail server for the digests of work lists: `smtps://` (TLS), `smtp+starttls://`, or "
        "`smtp://` without encryption, for a server on this machine.",
        otherwise="no mail is sent",
    )
    mail_from: str = _setting(
        "",
        reading.mail_address,
        "Sender of the mails.",
        otherwise="`roadworthy@` with the host of `ROADWORTHY_PUBLIC_URL`",
    )
    sms_url: str = _setting(
        "",
        reading.web_address,
        "Where text messages to owners of recalled vehicles are handed in, as signed JSON.",
        otherwise="no text message is sent",
    )
    sms_secret: Secret | None = _setting(
        None,
        Secret,
        "Shared secret that signs what goes to `ROADWORTHY_SMS_URL`.",
        otherwise="no text message is sent",
    )
    hosts: tuple[str, ...] = _setting(
        (), reading.hosts, "Further host names the portals answer to, with commas between."
    )
    behind_proxy: bool = _setting(
        default=False,
        read=reading.switch,
        text="Believe `X-Forwarded-Proto`: only behind a proxy that sets it.",
    )
    audience: str = _setting(
        "all",
        reading.one_of(*AUDIENCES),
        "Whose pages this process can route to: " + ", ".join(AUDIENCES) + ".",
    )
    document_megabytes: int = _setting(
        100,
        reading.amount,
        "Largest document that people may hand in, in MB; larger ones are refused.",
    )
    archive_megabytes: int = _setting(
        1024, reading.amount, "What a ZIP archive may unpack to, in MB, archives within it too."
    )
    archive_files: int = _setting(10_000, reading.amount, "How many files a ZIP archive may hold.")
    archive_ratio: int = _setting(
        200, reading.amount, "How many times larger than itself a ZIP archive may be when unpacked."
    )
    image_megabytes: int = _setting(
        8192, reading.amount, "Largest software image that may be handed in, in MB."
    )
    virus_scanner: str = _setting(
        "",
        reading.command,
        "Command that gets the path of each document; 0 keeps it, 1 refuses it as infected, "
        "anything else means that it could not be examined, and it is not kept.",
        otherwise="documents are not examined for viruses",
    )
    virus_scanner_seconds: int = _setting(
        60, reading.amount, "How long the virus scanner may take for one document."
    )
    debug: bool = _setting(
        default=False,
        read=reading.switch,
        text="Show details of errors in the browser. Never in service.",
    )
    log_level: str = _setting(
        "INFO",
        reading.one_of(*LOG_LEVELS),
        "Least severe message to print: " + ", ".join(LOG_LEVELS),
    )

    @property
    def secrets(self) -> Path:
        return self.home / "secrets"

    @property
    def database_folder(self) -> Path:
        return self.home / "postgres"

    @property
    def is_secure(self) -> bool:
        return self.public_url.startswith("https://")

    @property
    def mail_sender(self) -> str:
        """Whom the mails come from."""
        return self.mail_from or f"roadworthy@{urlsplit(self.public_url).hostname}"

    @property
    def gateway_address(self) -> str:
        """Where to reach the gateway, for people."""
        return self.gateway_url or local_address(self.gateway_host, self.gateway_port)

    @property
    def exchange_address(self) -> str:
        """Where other deployments reach the exchange."""
        local = local_address(self.exchange_host, self.exchange_port)
        return self.exchange_url or local.replace("http://", "https://", 1)

    def to_environ(self) -> dict[str, str]:
        """Return the variables that make a child process read exactly this."""
        return {
            variable(one): _written(getattr(self, one.name))
            for one in fields(self)
            if getattr(self, one.name) not in (None, ())
        }


def variable(one: Field[Any]) -> str:
    """Name the variable a field is read from."""
    return PREFIX + one.name.upper()


def _written(value: object) -> str:
    if isinstance(value, Secret):
        return value.reveal()
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, tuple):
        return ",".join(value)
    return str(value)


def _read(one: Field[Any], raw: str) -> Any:
    try:
        return one.metadata["read"](raw.strip())
    except ValueError as wrong:
        secret = "Secret" in str(get_type_hints(Environment)[one.name])
        shown = "the value given" if secret else repr(raw)
        raise ValueError(f"{variable(one)}: {shown} is not {wrong}.") from None


def load(
    environ: Mapping[str, str] | None = None,
    *,
    beside: str = "",
    unless_given: Mapping[str, str] | None = None,
) -> Environment:
    """Read the environment.

    ``beside`` is added to the name of the default home, for one of several deployments on a
    machine; ``unless_given`` are variables that the environment overrides.

    Raises:
        WrongSettings: some variables are unknown or unusable; lists all of them.
    """
    environ = os.environ if environ is None else environ
    chosen = {name: raw for name, raw in (unless_given or {}).items() if not environ.get(name)}
    environ = {**environ, **chosen}
    given = {
        name: raw
        for name, raw in environ.items()
        if name.startswith(PREFIX) and not name.startswith(TEST_PREFIX) and raw.strip()
    }
    known = {variable(one): one for one in fields(Environment)}
    mistakes = [
        f"{name}: there is no such setting; docs/reference/settings.md lists them all."
        for name in sorted(given.keys() - known.keys())
    ]
    home = default_home(environ)
    values: dict[str, Any] = {"home": home.with_name(f"{home.name}-{beside}") if beside else home}
    for name, one in known.items():
        if name not in given:
            continue
        try:
            values[one.name] = _read(one, given[name])
        except ValueError as wrong:
            mistakes.append(str(wrong))
    if mistakes:
        raise WrongSettings(mistakes)
    environment = Environment(**values)
    web = local_address(environment.web_host, environment.web_port)
    return replace(environment, public_url=environment.public_url or web)


def local_address(host: str, port: int) -> str:
    """Say how this machine reaches what listens on ``host``."""
    host = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, host)  # noqa: S104
    return f"http://{host}:{port}"


def host_names(environment: Environment) -> list[str]:
    """List the host names the portals answer to."""
    own = urlsplit(environment.public_url).hostname or ""
    return [*dict.fromkeys(["127.0.0.1", "localhost", "[::1]", own, *environment.hosts])]


def publish(environment: Environment) -> None:
    """Let Django and child processes started from here read ``environment``."""
    os.environ.update(environment.to_environ())
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "roadworthy.config.settings")
