/* features - what the heads see of texts, for training: the program's own view, no copy of it.
 *
 *     language_features MODEL polarity LANGUAGE | detect | opinion < texts > features
 *
 * A text is its length in bytes, ':' and the bytes; polarity takes pairs of title and text. For
 * opinion, before each text: aspect ':' wanted ':' place ':' - the aspect of the features (0:
 * none), the aspect whose cue is looked for, and a byte of the text that is the cue, or -1. For
 * each text: u32 number of features, then u32 hash and f32 value of each, of this machine's order.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "language/aspects.h"
#include "language/sentiment.h"

static struct rs_aspects aspects;
static struct rs_reading reading;
static struct rs_sentiment sentiment;

static void need(bool holds, const char *reason)
{
    if (holds)
        return;
    (void)fprintf(stderr, "language_features: %s\n", reason);
    exit(2);
}

static struct rs_bytes read_file(const char *path)
{
    FILE *file = fopen(path, "rb");
    long len = file && fseek(file, 0, SEEK_END) == 0 ? ftell(file) : -1;
    char *data = len >= 0 ? malloc((size_t)len + 1) : NULL;
    need(data && fseek(file, 0, SEEK_SET) == 0 && fread(data, 1, (size_t)len, file) == (size_t)len,
         "the model cannot be read");
    (void)fclose(file);
    return (struct rs_bytes){data, (size_t)len};
}

/* A number and the ':' behind it. */
static bool read_number(long *ret)
{
    int got = scanf("%ld:", ret);
    need(got == 1 || feof(stdin), "the input is damaged");
    return got == 1;
}

static bool read_text(const struct rs_model *model, enum rs_part part)
{
    static char *texts[RS_PARTS];
    long len;
    if (!read_number(&len))
        return false;
    free(texts[part]);
    texts[part] = malloc((size_t)len + 1);
    need(texts[part] && fread(texts[part], 1, (size_t)len, stdin) == (size_t)len, "no text");
    need(rs_reading_read(&reading.parts[part], &model->dictionary,
                         (struct rs_bytes){texts[part], (size_t)len}),
         "out of memory");
    return true;
}

static void put(const void *data)
{
    need(fwrite(data, 4, 1, stdout) == 1, "the output cannot be written");
}

static void put_bags(const struct rs_bag *const *bags, size_t count)
{
    uint32_t features = 0;
    for (size_t i = 0; i < count; i++)
        features += (uint32_t)bags[i]->count;
    put(&features);
    for (size_t i = 0; i < count; i++) {
        double norm = rs_bag_norm(bags[i]);
        for (size_t k = 0; k < bags[i]->count; k++) {
            float value = (float)(rs_bag_weight(bags[i]->features[k].count) / norm);
            put(&bags[i]->features[k].hash);
            put(&value);
        }
    }
}

static struct rs_range whole_text(void)
{
    return (struct rs_range){&reading.parts[RS_BODY], 0, reading.parts[RS_BODY].tokens.count};
}

static void polarity(const struct rs_model *model, bool english)
{
    while (read_text(model, RS_TITLE) && read_text(model, RS_BODY)) {
        need(rs_sentiment_features(&sentiment, &reading, english), "out of memory");
        put_bags((const struct rs_bag *const[]){&sentiment.bag}, 1);
    }
}

static void detect(const struct rs_model *model)
{
    while (read_text(model, RS_BODY)) {
        need(rs_aspects_detect_features(&aspects, whole_text()), "out of memory");
        put_bags((const struct rs_bag *const[]){&aspects.sentence}, 1);
    }
}

static size_t find_cue(const struct rs_model *model, long wanted, long place)
{
    struct rs_range all = whole_text();
    for (size_t i = 0; place >= 0 && i < all.to; i++)
        if ((long)all.part->tokens.at[i].end > place)
            return i;
    return rs_aspects_cue(model, all, (enum rs_aspect)wanted);
}

static void opinion(const struct rs_model *model)
{
    long aspect, wanted, place;
    while (read_number(&aspect) && read_number(&wanted) && read_number(&place) &&
           read_text(model, RS_BODY)) {
        struct rs_range sentence = whole_text();
        if (sentence.to == 0) {
            put_bags(NULL, 0);
            continue;
        }
        size_t cue = find_cue(model, wanted, place);
        sentence.from = cue;
        while (sentence.from > 0 && sentence.part->tokens.at[sentence.from - 1].sentence ==
                                        sentence.part->tokens.at[cue].sentence)
            sentence.from--;
        sentence.to = rs_sentence_end(sentence.part, cue);
        need(rs_aspects_sentence_features(&aspects, sentence) &&
                 rs_aspects_cue_features(&aspects, sentence, cue, (enum rs_aspect)aspect),
             "out of memory");
        put_bags((const struct rs_bag *const[]){&aspects.sentence, &aspects.clause, &aspects.cue},
                 3);
    }
}

int main(int argc, char **argv)
{
    struct rs_error error;
    need(argc >= 3, "usage: language_features MODEL polarity LANGUAGE | detect | opinion");
    struct rs_bytes file = read_file(argv[1]);
    struct rs_model *model = rs_model_read(file, &error);
    need(model, model ? "" : error.text);
    if (strcmp(argv[2], "polarity") == 0 && argc == 4)
        polarity(model, strcmp(argv[3], "en") == 0);
    else if (strcmp(argv[2], "detect") == 0)
        detect(model);
    else
        opinion(model);
    rs_model_destroy(model);
    rs_aspects_finish(&aspects);
    rs_sentiment_finish(&sentiment);
    rs_reading_finish(&reading);
    free((char *)file.data);
    return 0;
}
