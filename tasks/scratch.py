"""Scratch: the files between the stages of a run."""

from pathlib import Path

import polars as pl


class Scratch:
    """Names of the files between stages."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def path(self, kind: str, part: int) -> Path:
        """File of a part; its folder is made."""
        folder = self.root / kind
        folder.mkdir(parents=True, exist_ok=True)
        return folder / f"{part:06d}.parquet"

    def parts(self, kind: str) -> list[int]:
        """Parts that have a file of that kind, in order."""
        return sorted(int(path.stem) for path in (self.root / kind).glob("*.parquet"))

    def scan(self, kind: str) -> pl.LazyFrame | None:
        """All files of a kind; None if there is none."""
        paths = sorted((self.root / kind).glob("*.parquet"))
        return pl.scan_parquet(paths, glob=False) if paths else None

    def save_text(self, frame: pl.DataFrame, kind: str, part: int) -> None:
        """Write rows with text: as it is, since packing costs more than the disk; what equals `raw` only once."""
        if "raw" in frame.columns:
            frame = frame.with_columns(pl.when(pl.col("text") != pl.col("raw")).then("text"))
        frame.write_parquet(self.path(kind, part), compression="uncompressed")

    def scan_text(self, kind: str, part: int) -> pl.LazyFrame:
        """What `save_text` wrote."""
        frame = pl.scan_parquet(self.path(kind, part), glob=False)
        has_raw = "raw" in frame.collect_schema()
        return frame.with_columns(pl.coalesce("text", "raw")) if has_raw else frame

    def load_text(self, kind: str, part: int) -> pl.DataFrame:
        """Read what `save_text` wrote."""
        return self.scan_text(kind, part).collect()

    def save_tables(self, kind: str, tables: tuple[pl.DataFrame, ...]) -> None:
        """Write the tables of a named tuple."""
        for number, table in enumerate(tables):
            table.write_parquet(self.path(kind, number))

    def load_tables(self, kind: str) -> list[pl.DataFrame]:
        """Read what `save_tables` wrote."""
        return [pl.read_parquet(self.path(kind, number), glob=False) for number in self.parts(kind)]
