#include "language/detect.h"

#include <stdio.h>
#include <string.h>

#include "language/cld2.h"

enum {
    SAMPLE_BYTES = 200, /* what the detector sees at most: more tells it nothing new */
    LONG_BYTES = 40,    /* from here on the text may overrule the locale */
};

struct evidence {
    size_t words, english, known, bytes;
};

static struct evidence weigh(const struct rs_reading *reading, const bool keep[RS_PARTS])
{
    struct evidence out = {0};
    for (int p = 0; p < RS_PARTS; p++) {
        const struct rs_reading_part *part = &reading->parts[p];
        for (size_t i = 0; keep[p] && i < part->tokens.count; i++) {
            const struct rs_token *token = &part->tokens.at[i];
            if (token->kind != RS_WORD && token->kind != RS_RUN)
                continue;
            const struct rs_entry *entry = part->facts[i].entry;
            out.words++;
            out.known +=
                entry && (entry->flags & RS_ENTRY_ENGLISH || entry->value || entry->aspects);
            out.english += entry && (entry->flags & RS_ENTRY_ENGLISH);
            out.bytes += token->end - token->start;
        }
    }
    return out;
}

/* How many bytes of it have room, without a character cut in two. */
static size_t fitting(struct rs_bytes word, size_t room)
{
    size_t len = word.len < room ? word.len : room;
    while (len > 0 && len < word.len && (word.data[len] & 0xc0) == 0x80)
        len--;
    return len;
}

/* The words of both parts, one space between two: always valid UTF-8. */
static size_t sample(const struct rs_reading *reading, const bool keep[RS_PARTS], char *ret)
{
    size_t len = 0;
    for (int p = 0; p < RS_PARTS; p++) {
        const struct rs_tokens *tokens = &reading->parts[p].tokens;
        for (size_t i = 0; keep[p] && i < tokens->count; i++) {
            struct rs_bytes word = rs_token_text(tokens, &tokens->at[i]);
            if (tokens->at[i].kind != RS_WORD && tokens->at[i].kind != RS_RUN)
                continue;
            size_t taken = fitting(word, SAMPLE_BYTES - 1 - len);
            memcpy(ret + len, word.data, taken);
            len += taken;
            ret[len++] = ' ';
            if (taken < word.len || len == SAMPLE_BYTES)
                return len;
        }
    }
    return len;
}

/* The language of a locale: its letters before "-" or "_", lower case; "" for none. */
static void language_of(struct rs_bytes locale, char ret[RS_LANGUAGE_CODE])
{
    size_t len = 0;
    while (len < locale.len && len < 4 && locale.data[len] != '-' && locale.data[len] != '_') {
        char c = locale.data[len];
        ret[len] = c >= 'A' && c <= 'Z' ? (char)(c + 'a' - 'A') : c;
        if (ret[len] < 'a' || ret[len] > 'z')
            break;
        len++;
    }
    bool ends = len == locale.len || locale.data[len] == '-' || locale.data[len] == '_';
    ret[ends && len >= 2 && len <= 3 ? len : 0] = '\0';
    if (strcmp(ret, "und") == 0)
        ret[0] = '\0';
}

static void write(char ret[RS_LANGUAGE_CODE], const char *code)
{
    (void)snprintf(ret, RS_LANGUAGE_CODE, "%s", code);
    char *variant = strchr(ret, '-');
    if (variant)
        *variant = '\0';
}

/* What the detector says; its old codes become those of today. */
static const char *ask(const struct rs_reading *reading, const bool keep[RS_PARTS])
{
    char text[SAMPLE_BYTES];
    int percent;
    const char *code = rs_cld2_detect(text, sample(reading, keep, text), &percent);
    if (strcmp(code, "iw") == 0)
        return "he";
    return strcmp(code, "un") == 0 ? "" : code;
}

void rs_detect_language(const struct rs_familiar *familiar, const struct rs_reading *reading,
                        const bool keep[RS_PARTS], struct rs_bytes locale,
                        char ret[RS_LANGUAGE_CODE])
{
    char wanted[RS_LANGUAGE_CODE];
    struct evidence seen = weigh(reading, keep);
    bool is_long = seen.bytes >= LONG_BYTES;
    language_of(locale, wanted);
    bool other = *wanted && strcmp(wanted, "en") != 0;
    /* Common words of a language are a third to a half of its running text. */
    if (seen.english * 100 >= seen.words * (other ? 45 : 30) && seen.words >= (other ? 8 : 1)) {
        write(ret, "en");
        return;
    }
    if (*wanted && !is_long) {
        write(ret, wanted);
        return;
    }
    if (*wanted && rs_familiar_is(familiar, reading, keep, wanted)) {
        write(ret, wanted);
        return;
    }
    const char *code = seen.words ? ask(reading, keep) : "";
    if (!*code || (other && strcmp(code, "en") == 0 && seen.english * 100 < seen.words * 25))
        code = *wanted ? wanted : seen.words && seen.known * 3 >= seen.words ? "en" : "und";
    else if (!is_long && !*wanted && seen.known * 2 >= seen.words)
        code = "en"; /* the detector guesses at a word or two; the dictionary knows them */
    write(ret, code);
}
