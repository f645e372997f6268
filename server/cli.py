"""The command ``caravan``.

argparse and not another parser: it is in the standard library, and its few words can all be said in both languages.
"""

import argparse
import asyncio
import getpass
import os
import sys
from collections.abc import Callable, Coroutine, Mapping
from typing import Any, NoReturn

from server.ops import commands, keys
from server.ops.commands import Say
from server.settings import load
from shared.errors import CaravanError, InvalidInput
from shared.locale import best_language, has, translate

EXIT_FAILED = 1
EXIT_USAGE = 2


def main(arguments: list[str] | None = None) -> int:
    """Runs one command; returns the exit code. Whatever goes wrong is one sentence with what to do, on stderr."""
    say = Say(language_of(os.environ))
    try:
        given = _parser(say).parse_args(arguments)
        return given.run(given, say)
    except CaravanError as error:
        print(explain(error, say.language), file=sys.stderr)
        return EXIT_USAGE if error.code == "usage" else EXIT_FAILED
    except KeyboardInterrupt:
        return 130


def language_of(environ: Mapping[str, str]) -> str:
    """The terminal's language: LC_ALL, LC_MESSAGES, LANG, in that order. The locale C asks for no translation."""
    wanted = next((environ[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if environ.get(name)), "C")
    plain = wanted.partition(".")[0]
    return "en" if plain in ("C", "POSIX") else best_language(plain)


def explain(error: CaravanError, language: str) -> str:
    """What happened and what to do, in one line."""
    words = [f"error.{error.code}", f"error.{error.code}.todo"]
    said = [translate(language, key, **error.params) for key in words if has(key)]
    return "caravan: " + (" ".join(said) or str(error))


def _wide(prog: str) -> argparse.HelpFormatter:
    return argparse.HelpFormatter(prog, max_help_position=32)


class _Parser(argparse.ArgumentParser):
    """A parser that speaks the terminal's language."""

    def __init__(self, say: Say, **options: Any) -> None:
        super().__init__(add_help=False, allow_abbrev=False, formatter_class=_wide, **options)
        self._say = say
        self._positionals.title = say("cli.arguments")
        self._optionals.title = say("cli.options")
        self.add_argument("-h", "--help", action="help", help=say("cli.help"))

    def format_help(self) -> str:
        return super().format_help().replace("usage:", self._say("cli.usage"), 1)

    def error(self, message: str) -> NoReturn:
        raise InvalidInput("usage", detail=message)


def _parser(say: Say) -> _Parser:
    parser = _Parser(say, prog="caravan", description=say("cli.about"))
    steps = _commands(parser, say)
    serve = _add(steps, say, "serve", "cli.serve", _serve)
    serve.add_argument("--demo", action="store_true", help=say("cli.serve.demo"))
    serve.add_argument("--lan", action="store_true", help=say("cli.serve.lan"))
    _add(steps, say, "seed-demo", "cli.seed_demo", _run(commands.seed_demo))
    again = _add(steps, say, "demo-reset", "cli.demo_reset", _demo_reset)
    again.add_argument("--yes", action="store_true", help=say("cli.demo_reset.yes"))
    _add(steps, say, "codes", "cli.codes", _run(commands.codes))
    _user(_commands(_group(steps, say, "user", "cli.user"), say), say)
    _apikey(_commands(_group(steps, say, "apikey", "cli.apikey"), say), say)
    doctor = _add(steps, say, "doctor", "cli.doctor", _doctor)
    doctor.add_argument("--repair", action="store_true", help=say("cli.doctor.repair"))
    _add(_commands(_group(steps, say, "audit", "cli.audit"), say), say, "verify", "cli.audit_verify", _audit_verify)
    _backup(_commands(_group(steps, say, "backup", "cli.backup"), say), say)
    _add(steps, say, "compact", "cli.compact", _run(commands.compact))
    restore = _add(steps, say, "restore", "cli.restore", _restore)
    restore.add_argument("file", help=say("cli.backup.file"))
    restore.add_argument("--older", action="store_true", help=say("cli.restore.older"))
    return parser


def _backup(steps: Any, say: Say) -> None:
    create = _add(steps, say, "create", "cli.backup_create", _backup_create)
    create.add_argument("--to", metavar="FILE", default="", help=say("cli.backup_create.to"))
    verify = _add(steps, say, "verify", "cli.backup_verify", _backup_verify)
    verify.add_argument("file", help=say("cli.backup.file"))
    _add(steps, say, "list", "cli.backup_list", _backup_list)


def _commands(parser: _Parser, say: Say) -> Any:
    return parser.add_subparsers(title=say("cli.commands"), metavar="", required=True, dest="command")


def _group(steps: Any, say: Say, name: str, words: str) -> _Parser:
    return steps.add_parser(name, say=say, help=say(words), description=say(words))  # type: ignore[no-any-return]


def _add(steps: Any, say: Say, name: str, words: str, run: Callable[[Any, Say], int]) -> _Parser:
    parser = _group(steps, say, name, words)
    for option in ("host", "port") if name == "serve" else ():
        parser.add_argument(f"--{option}", metavar=option.upper(), help=say(f"cli.{option}"))
    parser.add_argument("--data", metavar="DATA", help=say("cli.data"))
    parser.add_argument("--database-url", metavar="URL", help=say("cli.database_url"))
    parser.set_defaults(run=run)
    return parser


def _user(steps: Any, say: Say) -> None:
    add = _add(steps, say, "add", "cli.user_add", _user_add)
    add.add_argument("login", help=say("cli.user_add.login"))
    add.add_argument("--name", required=True, help=say("cli.user_add.name"))
    add.add_argument("--role", default="rep", help=say("cli.user_add.role"))
    add.add_argument("--discount-limit", default="0", metavar="PERCENT", help=say("cli.user_add.discount"))
    for option in ("team", "organisation", "org-id"):
        add.add_argument(f"--{option}", default="", help=say(f"cli.user_add.{option.replace('-', '_')}"))
    add.add_argument("--time-zone", default="Asia/Shanghai", help=say("cli.user_add.time_zone"))
    add.add_argument("--currency", default="CNY", help=say("cli.user_add.currency"))
    add.add_argument("--password-stdin", action="store_true", help=say("cli.user_add.password_stdin"))


def _apikey(steps: Any, say: Say) -> None:
    create = _add(steps, say, "create", "cli.apikey_create", _apikey_create)
    create.add_argument("name", help=say("cli.apikey_create.name"))
    create.add_argument("--user", required=True, metavar="LOGIN", help=say("cli.apikey_create.user"))
    create.add_argument("--scopes", required=True, help=say("cli.apikey_create.scopes"))
    create.add_argument("--days", type=int, default=365, help=say("cli.apikey_create.days"))
    _add(steps, say, "list", "cli.apikey_list", _run(keys.listed))
    revoke = _add(steps, say, "revoke", "cli.apikey_revoke", _apikey_revoke)
    revoke.add_argument("id", help=say("cli.apikey_revoke.id"))


def _settings(given: argparse.Namespace) -> Any:
    names = ("host", "port", "data", "database_url")
    return load(**{name: getattr(given, name) for name in names if getattr(given, name, None)})


def _run(command: Callable[[Any, Say], Coroutine[Any, Any, int]]) -> Callable[[Any, Say], int]:
    return lambda given, say: asyncio.run(command(_settings(given), say))


def _serve(given: argparse.Namespace, say: Say) -> int:
    # Imported here: the web framework takes longer to load than the other commands take to run.
    from server.ops import serving

    return serving.serve(_settings(given), say, demo=given.demo, lan=given.lan)


def _demo_reset(given: argparse.Namespace, say: Say) -> int:
    settings = _settings(given)
    if not given.yes and not _agreed(say, settings.sqlite_path or settings.database_url.rpartition("@")[2]):
        print(say("cli.reset_kept"))
        return EXIT_FAILED
    return asyncio.run(commands.demo_reset(settings, say))


def _agreed(say: Say, place: object) -> bool:
    try:
        answer = input(say("cli.reset_question", place=place) + " ")
    except EOFError:
        print()
        return False
    return answer.strip().lower() in say("cli.reset_yes").split(",")


def _user_add(given: argparse.Namespace, say: Say) -> int:
    settings = _settings(given)
    password = _password(given, say)
    if password is None:
        print(say("cli.password_differs"), file=sys.stderr)
        return EXIT_FAILED
    names = ("login", "name", "role", "discount_limit", "team", "organisation", "org_id", "time_zone", "currency")
    return asyncio.run(
        commands.user_add(settings, say, {**{n: getattr(given, n) for n in names}, "password": password})
    )


def _password(given: argparse.Namespace, say: Say) -> str | None:
    if given.password_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    first = getpass.getpass(say("cli.password", login=given.login) + " ")
    return first if getpass.getpass(say("cli.password_again") + " ") == first else None


def _doctor(given: argparse.Namespace, say: Say) -> int:
    return asyncio.run(commands.doctor(_settings(given), say, repair=given.repair))


def _audit_verify(given: argparse.Namespace, say: Say) -> int:
    return asyncio.run(commands.audit_verify(_settings(given), say))


def _apikey_create(given: argparse.Namespace, say: Say) -> int:
    scopes = [scope.strip() for scope in given.scopes.split(",") if scope.strip()]
    return asyncio.run(keys.create(_settings(given), say, given.name, given.user, scopes, given.days))


def _apikey_revoke(given: argparse.Namespace, say: Say) -> int:
    return asyncio.run(keys.revoke(_settings(given), say, given.id))


def _backup_create(given: argparse.Namespace, say: Say) -> int:
    from server.ops import backup

    return asyncio.run(backup.create(_settings(given), say, given.to))


def _backup_verify(given: argparse.Namespace, say: Say) -> int:
    from server.ops import backup

    return asyncio.run(backup.verify(_settings(given), say, given.file))


def _backup_list(given: argparse.Namespace, say: Say) -> int:
    from server.ops import backup

    return asyncio.run(backup.listed(_settings(given), say))


def _restore(given: argparse.Namespace, say: Say) -> int:
    from server.ops import restore

    return asyncio.run(restore.restore(_settings(given), say, given.file, older=given.older))


if __name__ == "__main__":
    sys.exit(main())
