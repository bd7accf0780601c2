/* tagger_features - the tagger's features of texts, for training: what the program sees, no copy.
 *
 *     tagger_features MODEL < texts > features
 *
 * A text is its length in bytes, ':' and the bytes. For each: the number of sentences; for each
 * of these the number of tokens; for each of these start and end in bytes and the hashes. All are
 * u32 of this machine's order. */
#include <stdio.h>
#include <stdlib.h>

#include "language/model_state.h"

static struct rs_tag_sentence sentence;

static void fail(const char *reason)
{
    (void)fprintf(stderr, "tagger_features: %s\n", reason);
    exit(2);
}

static char *read_file(const char *path, size_t *ret_len)
{
    FILE *file = fopen(path, "rb");
    long len = file && fseek(file, 0, SEEK_END) == 0 ? ftell(file) : -1;
    char *data = len >= 0 ? malloc((size_t)len + 1) : NULL;
    if (!data || fseek(file, 0, SEEK_SET) != 0 || fread(data, 1, (size_t)len, file) != (size_t)len)
        fail("the model cannot be read");
    (void)fclose(file);
    *ret_len = (size_t)len;
    return data;
}

/* NULL at the end of the input. */
static char *read_text(size_t *ret_len)
{
    int got = scanf("%zu:", ret_len);
    if (got == EOF)
        return NULL;
    char *text = got == 1 ? malloc(*ret_len + 1) : NULL;
    if (!text || fread(text, 1, *ret_len, stdin) != *ret_len)
        fail("the input is no list of texts");
    return text;
}

static void put(size_t number)
{
    uint32_t copy = (uint32_t)number;
    if (fwrite(&copy, sizeof(copy), 1, stdout) != 1)
        fail("the output cannot be written");
}

static void put_sentence(const struct rs_reading_part *part, size_t from, size_t to)
{
    uint32_t features[RS_TAGGER_FEATURES];
    rs_tag_sentence_read(&sentence, part, from, to, NULL);
    put(to - from);
    for (size_t i = from; i < to; i++) {
        put(part->tokens.at[i].start);
        put(part->tokens.at[i].end);
        rs_tagger_features(&sentence.words[i - from], features);
        for (int k = 0; k < RS_TAGGER_FEATURES; k++)
            put(features[k]);
    }
}

static void put_text(const struct rs_reading_part *part)
{
    size_t count = part->tokens.count;
    put(count ? part->tokens.at[count - 1].sentence + 1 : 0);
    for (size_t from = 0, to; from < count; from = to) {
        to = rs_sentence_end(part, from);
        put_sentence(part, from, to);
    }
}

int main(int argc, char **argv)
{
    struct rs_reading_part part = {.size = 0};
    struct rs_error error;
    size_t len;
    if (argc != 2)
        fail("usage: tagger_features MODEL < texts > features");
    char *file = read_file(argv[1], &len), *text;
    struct rs_model *model = rs_model_read((struct rs_bytes){file, len}, &error);
    if (!model)
        fail(error.text);
    while ((text = read_text(&len))) {
        if (!rs_reading_read(&part, &model->dictionary, (struct rs_bytes){text, len}))
            fail("out of memory");
        put_text(&part);
        free(text);
    }
    rs_tokens_finish(&part.tokens);
    free(part.facts);
    rs_model_destroy(model);
    free(file);
    return 0;
}
