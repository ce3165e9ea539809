"""A small Parquet file as the Hugging Face hub holds data sets: columns with lists, Snappy, several row groups."""

from pathlib import Path

from datasets import Dataset

ROWS = [
    {
        "id": f"row-{index}",
        "question": f"Which number is {index} + 1? \u00e9\u4f60",
        "choices": {"text": [str(index), str(index + 1), str(index + 2)], "label": ["A", "B", "C"]},
        "answerKey": "B",
    }
    for index in range(7)
]


def make_parquet(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    Dataset.from_list(ROWS).to_parquet(folder / "arc.parquet", batch_size=3)


if __name__ == "__main__":
    make_parquet(Path(__file__).resolve().parents[2] / "test" / "golden" / "parquet")
