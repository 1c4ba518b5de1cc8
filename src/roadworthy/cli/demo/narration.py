"""What the demonstration says in the terminal, and where in the portal each step can be seen."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.markup import escape
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
)
from rich.table import Table


class Narrator:
    """Prints steps, facts and links; never wraps a path or a digest in the middle."""

    def __init__(self, console: Console, base_url: str = "") -> None:
        self.console = console
        self.base_url = base_url
        self._step = 0

    def step(self, title: str) -> None:
        """Begin the next step."""
        self._step += 1
        self.console.print()
        self.console.rule(f"[bold]{self._step}  {escape(title)}", align="left")

    def say(self, text: str) -> None:
        """Tell one fact."""
        self.console.print(f"   {escape(text)}", soft_wrap=True)

    def good(self, text: str) -> None:
        """Tell what was checked and holds."""
        self.console.print(f"   [green]✓[/] {escape(text)}", soft_wrap=True)

    def refused(self, text: str) -> None:
        """Tell what was refused, as it should be."""
        self.console.print(f"   [yellow]✗[/] {escape(text)}", soft_wrap=True)

    def see(self, path: str) -> None:
        """Say where in the portal this can be seen."""
        self.console.print(f"   [dim]see[/] {self.base_url}{path}", soft_wrap=True)

    def table(self, columns: Iterable[str], rows: Iterable[Iterable[str]]) -> None:
        """Show rows; what does not fit is wrapped, never cut: people copy addresses."""
        table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
        for column in columns:
            table.add_column(column, overflow="fold")
        for row in rows:
            table.add_row(*(escape(cell) for cell in row))
        self.console.print(table)

    @contextmanager
    def progress(self) -> Iterator[Progress]:
        """Show bars while the block runs."""
        columns = (
            TextColumn("   {task.description:<28}"),
            BarColumn(bar_width=32),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
        )
        with Progress(*columns, console=self.console) as bars:
            yield bars
