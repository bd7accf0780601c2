#include "language/model_state.h"

#include <openssl/sha.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "language/hash.h"

enum { HEAD = 24, ROW = 32, NAME = 20 };
static const char magic[8] = "RSLANG\r\n";

static uint32_t number(const char *at)
{
    const unsigned char *byte = (const unsigned char *)at;
    return byte[0] | (uint32_t)byte[1] << 8 | (uint32_t)byte[2] << 16 | (uint32_t)byte[3] << 24;
}

/* --- the container --- */

static bool check(struct rs_model *model, struct rs_bytes file, struct rs_error *error)
{
    unsigned char hash[SHA256_DIGEST_LENGTH];
    if (file.len < HEAD + sizeof(hash) || memcmp(file.data, magic, sizeof(magic)) != 0)
        return rs_error_set(error, "no model: it does not begin with RSLANG");
    if (number(file.data + 8) != RS_MODEL_FORMAT)
        return rs_error_set(error, "format %u; this program reads format %d", number(file.data + 8),
                            RS_MODEL_FORMAT);
    if (number(file.data + 12) != RS_HASH_ID)
        return rs_error_set(error, "made for hash %u; this program has hash %d",
                            number(file.data + 12), RS_HASH_ID);
    if (file.len > RS_MODEL_MAX_BYTES || number(file.data + 20) != file.len)
        return rs_error_set(error, "has %zu bytes, should have %u", file.len,
                            number(file.data + 20));
    (void)SHA256((const unsigned char *)file.data, file.len - sizeof(hash), hash);
    if (memcmp(hash, file.data + file.len - sizeof(hash), sizeof(hash)) != 0)
        return rs_error_set(error, "damaged: its SHA-256 is another");
    for (size_t i = 0; i < sizeof(hash); i++)
        (void)snprintf(model->hash + 2 * i, 3, "%02x", hash[i]);
    return true;
}

static bool read_sections(struct rs_model *model, struct rs_bytes file, struct rs_error *error)
{
    uint32_t count = number(file.data + 16);
    size_t end = file.len - SHA256_DIGEST_LENGTH;
    if (count > RS_MODEL_SECTIONS || HEAD + (size_t)count * ROW > end)
        return rs_error_set(error, "has %u sections, limit is %d", count, RS_MODEL_SECTIONS);
    for (uint32_t i = 0; i < count; i++) {
        const char *row = file.data + HEAD + (size_t)i * ROW;
        struct rs_model_section *section = &model->sections[model->section_count];
        uint32_t offset = number(row + NAME), len = number(row + NAME + 4);
        memcpy(section->name, row, NAME);
        if (offset > end || len > end - offset)
            return rs_error_set(error, "section %u lies outside of the file", i);
        if (rs_model_section(model, section->name).data)
            return rs_error_set(error, "section %u is there twice", i);
        section->bytes = (struct rs_bytes){file.data + offset, len};
        model->section_count++;
    }
    return true;
}

static bool has_needed(const struct rs_model *model, struct rs_error *error)
{
    static const char *const needed[] = {"settings", "dictionary", "polarity.en"};
    for (size_t i = 0; i < sizeof(needed) / sizeof(*needed); i++)
        if (!rs_model_section(model, needed[i]).data)
            return rs_error_set(error, "section %s is missing", needed[i]);
    return true;
}

struct rs_bytes rs_model_section(const struct rs_model *model, const char *name)
{
    for (size_t i = 0; i < model->section_count; i++)
        if (strcmp(model->sections[i].name, name) == 0)
            return model->sections[i].bytes;
    return (struct rs_bytes){NULL, 0};
}

/* --- settings --- */

/* The text behind "name " of the line of that name, up to its end; NULL: none. */
static const char *setting(const struct rs_model *model, const char *name, size_t *ret_len)
{
    struct rs_bytes section = rs_model_section(model, "settings");
    size_t len = strlen(name);
    if (!section.data)
        return NULL;
    for (const char *at = section.data, *all = at + section.len; at < all;) {
        const char *end = memchr(at, '\n', (size_t)(all - at));
        end = end ? end : all;
        if ((size_t)(end - at) > len && memcmp(at, name, len) == 0 && at[len] == ' ') {
            *ret_len = (size_t)(end - at) - len - 1;
            return at + len + 1;
        }
        at = end + (end < all);
    }
    return NULL;
}

long rs_model_setting(const struct rs_model *model, const char *name, long otherwise)
{
    char copy[24] = "";
    size_t len = 0;
    const char *text = setting(model, name, &len);
    if (!text || len == 0 || len >= sizeof(copy))
        return otherwise;
    memcpy(copy, text, len);
    char *end;
    long value = strtol(copy, &end, 10);
    return *end || value < INT32_MIN || value > INT32_MAX ? otherwise : value;
}

static void read_name(struct rs_model *model)
{
    size_t len = 0;
    const char *text = setting(model, "name", &len);
    (void)snprintf(model->name, sizeof(model->name), "%.*s@%.12s", text && len < 40 ? (int)len : 5,
                   text && len < 40 ? text : "model", model->hash);
    for (char *c = model->name; *c; c++) /* it goes into JSON and logs */
        if (*c <= ' ' || *c > '~' || *c == '"' || *c == '\\')
            *c = '_';
}

/* --- tables --- */

static bool read_table(const struct rs_model *model, const char *name, uint32_t heads,
                       struct rs_linear *ret, struct rs_error *error)
{
    struct rs_bytes section = rs_model_section(model, name);
    if (!section.data)
        return true;
    return (rs_linear_read(ret, section) && ret->heads == heads) ||
           rs_error_set(error, "section %s: no table of %u heads", name, heads);
}

static int32_t language_setting(const struct rs_model *model, const char *section, const char *name,
                                long otherwise)
{
    char whole[64];
    (void)snprintf(whole, sizeof(whole), "%s.%s", section, name);
    return (int32_t)rs_model_setting(model, whole, otherwise);
}

static bool read_language(struct rs_model *model, const char *section, struct rs_error *error)
{
    if (model->language_count == RS_MODEL_LANGUAGES)
        return rs_error_set(error, "more than %d languages", RS_MODEL_LANGUAGES);
    struct rs_model_language *language = &model->languages[model->language_count++];
    (void)snprintf(language->code, sizeof(language->code), "%s", strchr(section, '.') + 1);
    language->score_width = language_setting(model, section, "score_width", 2000);
    if (language->score_width < 1)
        return rs_error_set(error, "setting %s.score_width: not above 0", section);
    language->neutral_weight = language_setting(model, section, "neutral_weight", 1000);
    language->neutral_factor = language_setting(model, section, "neutral_factor", 0);
    language->neutral_opinion = language_setting(model, section, "neutral_opinion", 0);
    language->neutral_limit = language_setting(model, section, "neutral_limit", INT32_MAX);
    return read_table(model, section, 2, &language->polarity, error);
}

static bool read_tables(struct rs_model *model, struct rs_error *error)
{
    char name[64];
    if (!read_language(model, "polarity.en", error) ||
        !read_table(model, "aspects.en", RS_HEADS_MAX, &model->aspects, error) ||
        !read_table(model, "opinion.en", 2, &model->opinion, error))
        return false;
    for (size_t i = 0; i < model->section_count; i++) {
        const char *section = model->sections[i].name;
        if (strncmp(section, "polarity.", 9) == 0 && strcmp(section, "polarity.en") != 0 &&
            !read_language(model, section, error))
            return false;
    }
    for (int i = 0; i < RS_HEADS_MAX; i++) {
        (void)snprintf(name, sizeof(name), "aspects.limit.%d", i + 1);
        model->aspect_limits[i] = (int32_t)rs_model_setting(model, name, 0);
    }
    model->aspect_slack = (int32_t)rs_model_setting(model, "aspects.slack", INT32_MAX);
    model->aspect_neutral = (int32_t)rs_model_setting(model, "opinion.neutral_limit", INT32_MAX);
    model->aspect_neutral_kept = rs_model_setting(model, "opinion.neutral_kept", 0) != 0;
    model->aspect_labels = rs_model_setting(model, "opinion.labels", 0) != 0;
    return true;
}

/* --- the whole --- */

struct rs_model *rs_model_read(struct rs_bytes file, struct rs_error *error)
{
    struct rs_model *model = calloc(1, sizeof(*model));
    if (!model) {
        (void)rs_error_set(error, "out of memory");
        return NULL;
    }
    if (!check(model, file, error) || !read_sections(model, file, error) ||
        !has_needed(model, error) ||
        !rs_dictionary_read(&model->dictionary, rs_model_section(model, "dictionary"), error) ||
        !read_tables(model, error) || !rs_tagger_read(&model->tagger, model, error)) {
        rs_model_destroy(model);
        return NULL;
    }
    model->familiar = rs_familiar_create();
    if (!model->familiar) {
        (void)rs_error_set(error, "out of memory");
        rs_model_destroy(model);
        return NULL;
    }
    read_name(model);
    return model;
}

void rs_model_destroy(struct rs_model *model)
{
    if (!model)
        return;
    rs_dictionary_finish(&model->dictionary);
    rs_familiar_destroy(model->familiar);
    free(model);
}

const char *rs_model_name(const struct rs_model *model)
{
    return model->name;
}

const char *rs_model_hash(const struct rs_model *model)
{
    return model->hash;
}

const struct rs_model_language *rs_model_language(const struct rs_model *model, const char *code)
{
    for (size_t i = 0; i < model->language_count; i++)
        if (strcmp(model->languages[i].code, code) == 0)
            return &model->languages[i];
    return NULL;
}
