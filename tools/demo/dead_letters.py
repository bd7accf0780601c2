"""Read `reviewctl dead-letters list --json` and print each bad record once: its key, why, and who
set it aside. Three processors see each, and each run of the demo publishes it again."""
import json
import sys
import textwrap


def main():
    found = {}
    for line in sys.stdin:
        letter = json.loads(line)
        key = letter["key"] if isinstance(letter["key"], str) else "(no key)"
        found.setdefault((key, letter["class"], letter["reason"]), []).append(letter)
    for (key, kind, reason), letters in sorted(found.items()):
        processors = sorted({letter["processor"] for letter in letters})
        records = {(letter["sourcePartition"], letter["sourceOffset"]) for letter in letters}
        times = "" if len(records) == 1 else f", {len(records)} times"
        print(textwrap.fill(f"{key}  {kind}: {reason}", width=94, initial_indent="  ",
                            subsequent_indent="          "))
        print(f"          set aside by {', '.join(processors)}{times}")
    if not found:
        print("  none")


if __name__ == "__main__":
    main()
