/* The model's file: what is read, and the name of each damage. */
#include <criterion/criterion.h>
#include <string.h>

#include "language/model_state.h"
#include "support/alloc.h"
#include "support/model_file.h"

/* Two bits of rows, two heads; scale 1, bias 0. */
static const char table[8 + 32 + 4] = {1, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, (char)0xf0, 0x3f};
static const char words[] = "good\t200\t0\t8\t0\nvery good\t300\t0\t100\t2\n";
static const char settings[] = "name tiny\npolarity.en.neutral_limit -300\nbroken x\n";

enum { SETTINGS, DICTIONARY, POLARITY, PARTS };
static const struct model_part parts[PARTS] = {
    [SETTINGS] = {"settings", {settings, sizeof(settings) - 1}},
    [DICTIONARY] = {"dictionary", {words, sizeof(words) - 1}},
    [POLARITY] = {"polarity.en", {table, sizeof(table)}},
};

static struct rs_bytes bytes_of(const struct rs_buffer *file)
{
    return (struct rs_bytes){file->data, file->len};
}

Test(model, is_read_with_its_name_and_settings)
{
    struct rs_error error = {""};
    struct rs_buffer file = model_file(parts, PARTS);
    struct rs_model *model = rs_model_read(bytes_of(&file), &error);
    cr_assert(model, "%s", error.text);
    cr_expect_eq(strncmp(rs_model_name(model), "tiny@", 5), 0);
    cr_expect_eq(strlen(rs_model_name(model)), 5 + 12);
    cr_expect_eq(strlen(rs_model_hash(model)), 64);
    cr_expect_eq(rs_model_setting(model, "polarity.en.neutral_limit", 7), -300);
    cr_expect_eq(rs_model_setting(model, "absent", 7), 7);
    cr_expect_eq(rs_model_setting(model, "broken", 7), 7);
    cr_expect(rs_model_language(model, "en"));
    cr_expect_not(rs_model_language(model, "zh"));
    rs_model_destroy(model);
    rs_model_destroy(NULL);
    rs_buffer_finish(&file);
}

static const struct {
    const char *name;
    size_t at; /* byte that is changed */
    unsigned char to;
    bool seal;        /* as if it were meant */
    const char *want; /* in the reason */
} damages[] = {
    {"another magic", 0, 'X', true, "does not begin with RSLANG"},
    {"another format", 8, 9, true, "format 9"},
    {"another hash", 12, 9, true, "hash 9"},
    {"another size", 20, 1, true, "should have"},
    {"too many sections", 17, 9, true, "sections"},
    {"a section outside", 24 + 22, 9, true, "outside"},
    {"a section that is too long", 24 + 26, 9, true, "outside"},
    {"a name of no use", 24 + 64, 'x', true, "polarity.en is missing"},
    {"no settings", 24, 'x', true, "settings is missing"},
    {"no dictionary", 24 + 32, 'x', true, "dictionary is missing"},
    {"a changed byte", 24 + 96, 'x', false, "SHA-256"},
    {"a table of another size", 24 + 96 + sizeof(settings) - 1 + sizeof(words) - 1, 2, true,
     "polarity.en: no table"},
    {"a damaged word", 24 + 96 + sizeof(settings) - 1 + 5, 'x', true, "line 1"},
};

Test(model, is_refused_by_the_name_of_its_damage)
{
    for (size_t i = 0; i < sizeof(damages) / sizeof(*damages); i++) {
        struct rs_error error = {""};
        struct rs_buffer file = model_file(parts, PARTS);
        file.data[damages[i].at] = (char)damages[i].to;
        if (damages[i].seal)
            model_file_seal(&file);
        cr_expect_not(rs_model_read(bytes_of(&file), &error), "%s", damages[i].name);
        cr_expect(strstr(error.text, damages[i].want), "%s: %s", damages[i].name, error.text);
        rs_buffer_finish(&file);
    }
}

Test(model, is_refused_when_it_is_cut)
{
    struct rs_buffer file = model_file(parts, PARTS);
    for (size_t len = 0; len < file.len; len++)
        cr_expect_not(rs_model_read((struct rs_bytes){file.data, len}, NULL), "%zu", len);
    rs_buffer_finish(&file);
}

Test(model, has_each_section_once)
{
    struct rs_error error = {""};
    const struct model_part twice[] = {parts[0], parts[1], parts[2], parts[0]};
    struct rs_buffer file = model_file(twice, 4);
    cr_expect_not(rs_model_read(bytes_of(&file), &error));
    cr_expect(strstr(error.text, "twice"), "%s", error.text);
    rs_buffer_finish(&file);
}

Test(model, survives_every_failed_allocation)
{
    struct rs_buffer file = model_file(parts, PARTS);
    for (long n = 0; rs_alloc_more(n); n++) {
        struct rs_error error = {""};
        struct rs_model *model = rs_model_read(bytes_of(&file), &error);
        cr_expect(model || strstr(error.text, "out of memory"), "%s", error.text);
        rs_model_destroy(model);
    }
    rs_buffer_finish(&file);
}

Test(model, that_ships_is_sound)
{
    struct rs_error error = {""};
    struct rs_model *model = rs_model_read(rs_model_built_in(), &error);
    cr_assert(model, "%s", error.text);
    cr_expect_leq(rs_model_built_in().len, 4 << 20);
    cr_expect_eq(strncmp(rs_model_name(model), "builtin@", 8), 0);
    cr_expect(model->opinion.weights && !model->aspects.weights);
    rs_model_destroy(model);
}
