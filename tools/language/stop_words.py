"""Stop words of languages as the table that common/language/familiar.c reads, on standard output.

    pip download --no-deps stop-words==2018.7.23 && tar xzf stop-words-2018.7.23.tar.gz
    python3 stop_words.py stop-words-2018.7.23 >../../common/language/stop_words.c

A language is `vouched` for where the package has its neighbours too (those that are written
alike), so that it is not taken for one of them; the words of the others only speak against it.
"""

import os
import sys
import textwrap

VOUCHED = {"de": "german", "fr": "french", "es": "spanish", "it": "italian", "pt": "portuguese",
           "nl": "dutch", "sv": "swedish", "tr": "turkish", "ru": "russian"}
OTHERS = {"en": "english", "ca": "catalan", "da": "danish", "no": "norwegian", "ro": "romanian",
          "fi": "finnish", "hu": "hungarian", "pl": "polish", "cs": "czech", "sk": "slovak",
          "bg": "bulgarian", "uk": "ukrainian"}


def words_of(folder, name):
    with open(os.path.join(folder, "stop_words", "stop-words", name + ".txt"), encoding="utf-8") as file:
        words = (word.lower().replace("\N{RIGHT SINGLE QUOTATION MARK}", "'") for word in file.read().split())
        return [word for word in dict.fromkeys(words) if '"' not in word and "\\" not in word]


def main():
    folder = sys.argv[1]
    print("/* Made by tools/language/stop_words.py from the Python package stop-words 2018.7.23;\n"
          " * its licence is in NOTICE. */\n// clang-format off\n#include \"language/stop_words.h\"\n\n#include <stddef.h>\n\n"
          "const struct rs_stop_words rs_stop_words[] = {")
    for languages, vouched in ((VOUCHED, "true"), (OTHERS, "false")):
        for code, name in languages.items():
            lines = textwrap.wrap(" ".join(words_of(folder, name)), 88)
            text = "\n".join(f'     "{line}{"" if line is lines[-1] else " "}"' for line in lines)
            print(f'    {{"{code}", {vouched},\n{text}}},')
    print("    {NULL, false, NULL},\n};")


if __name__ == "__main__":
    main()
