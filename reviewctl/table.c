#include "table.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* Out of memory ends a command line tool. */
static void *must(void *memory)
{
    if (!memory) {
        (void)fputs("reviewctl: out of memory\n", stderr);
        exit(1);
    }
    return memory;
}

/* --- text --- */

/* The code point at the beginning of `data` and its length; length 0: no valid UTF-8. */
static size_t decode(const unsigned char *data, size_t len, uint32_t *ret_point)
{
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    size_t need = data[0] < 0x80 ? 1 : data[0] >= 0xf0 ? 4 : data[0] >= 0xe0 ? 3 : 2;
    if (need == 1) {
        *ret_point = data[0];
        return 1;
    }
    if (data[0] < 0xc2 || data[0] > 0xf4 || need > len)
        return 0;
    uint32_t point = data[0] & (0xffu >> (need + 1));
    for (size_t i = 1; i < need; i++) {
        if ((data[i] & 0xc0) != 0x80)
            return 0;
        point = point << 6 | (data[i] & 0x3f);
    }
    if (point < least[need] || point > 0x10ffff || (point >= 0xd800 && point < 0xe000))
        return 0;
    *ret_point = point;
    return need;
}

/* As terminals do; a table here, because wcwidth needs a locale that a cron job has not. */
static size_t width_of(uint32_t point)
{
    static const struct {
        uint32_t first, last;
        size_t width;
    } ranges[] = {
        {0x0300, 0x036f, 0}, {0x200b, 0x200f, 0},   {0xfe00, 0xfe0f, 0},   {0x1100, 0x115f, 2},
        {0x2e80, 0xa4cf, 2}, {0xac00, 0xd7a3, 2},   {0xf900, 0xfaff, 2},   {0xfe30, 0xfe6f, 2},
        {0xff00, 0xff60, 2}, {0x1f300, 0x1f64f, 2}, {0x1f900, 0x1f9ff, 2}, {0x20000, 0x3fffd, 2},
    };
    for (size_t i = 0; i < sizeof(ranges) / sizeof(*ranges); i++)
        if (point >= ranges[i].first && point <= ranges[i].last)
            return ranges[i].width;
    return 1;
}

/* Control characters, also those that turn the direction of writing. */
static bool is_harmful(uint32_t point)
{
    return point < 0x20 || (point >= 0x7f && point < 0xa0) ||
           (point >= 0x202a && point <= 0x202e) || (point >= 0x2066 && point <= 0x2069);
}

size_t text_width(const char *text)
{
    size_t width = 0;
    uint32_t point;
    for (size_t len = strlen(text), used; len > 0; text += used, len -= used) {
        used = decode((const unsigned char *)text, len, &point);
        width += used ? width_of(point) : 1;
        used = used ? used : 1;
    }
    return width;
}

char *text_clean(const char *data, size_t len, size_t widest)
{
    char *clean = must(malloc(len + sizeof("…")));
    size_t at = 0, width = 0, fits = 0; /* fits: how much stays if "…" must follow */
    for (size_t used; len > 0; data += used, len -= used) {
        uint32_t point = '?';
        used = decode((const unsigned char *)data, len, &point);
        bool shown = used && !is_harmful(point);
        size_t wide = shown ? width_of(point) : 1;
        if (widest && width + wide > widest) {
            memcpy(clean + fits, "…", sizeof("…"));
            return clean;
        }
        if (shown)
            memcpy(clean + at, data, used);
        else
            clean[at] = '?';
        at += shown ? used : 1;
        used = used ? used : 1;
        width += wide;
        if (width + 1 <= widest)
            fits = at;
    }
    clean[at] = '\0';
    return clean;
}

/* --- table --- */

static void add(struct table *table, char *cell)
{
    if (table->count == table->size) {
        table->size = table->size ? 2 * table->size : 64;
        table->cells = must(realloc(table->cells, table->size * sizeof(*table->cells)));
    }
    table->cells[table->count++] = cell;
}

void table_init(struct table *table, const char *const *headings)
{
    *table = (struct table){0};
    for (; headings[table->columns]; table->columns++) {
        const char *heading = headings[table->columns];
        table->right[table->columns] = *heading == '>';
        add(table, must(strdup(heading + (*heading == '>'))));
    }
}

void table_finish(struct table *table)
{
    for (size_t i = 0; i < table->count; i++)
        free(table->cells[i]);
    free(table->cells);
    *table = (struct table){0};
}

void table_add(struct table *table, const char *format, ...)
{
    va_list list;
    char *text = NULL;
    va_start(list, format);
    int len = vasprintf(&text, format, list);
    va_end(list);
    if (len < 0)
        text = must(NULL);
    add(table, text_clean(text, (size_t)len, table->widest[table->count % table->columns]));
    free(text);
}

static void print_cell(FILE *file, const char *text, size_t width, bool right, bool last)
{
    int space = (int)(width - text_width(text));
    if (right)
        (void)fprintf(file, "%*s%s", space, "", text);
    else
        (void)fprintf(file, "%s%*s", text, last ? 0 : space, "");
    (void)fputs(last ? "\n" : "  ", file);
}

void table_print(const struct table *table, FILE *file)
{
    size_t widths[TABLE_COLUMNS] = {0};
    for (size_t i = 0; i < table->count; i++) {
        size_t width = text_width(table->cells[i]), *most = &widths[i % table->columns];
        *most = width > *most ? width : *most;
    }
    for (size_t i = 0; i < table->count; i++) {
        size_t column = i % table->columns;
        print_cell(file, table->cells[i], widths[column], table->right[column],
                   column + 1 == table->columns);
    }
}
