/* table.h - text in columns for a terminal. Foreign text is made harmless: control characters and
 * bytes that are no UTF-8 show as '?'. Pure but for the printing. */
#ifndef RS_REVIEWCTL_TABLE_H
#define RS_REVIEWCTL_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

enum { TABLE_COLUMNS = 12 };

struct table {
    size_t columns;
    bool right[TABLE_COLUMNS];    /* numbers stand at the right */
    size_t widest[TABLE_COLUMNS]; /* a longer cell is cut with "…"; 0: never */
    char **cells;                 /* row by row; owned */
    size_t count, size;
};

/* Begin with the headings, NULL-terminated; a heading that begins with '>' is a number's. */
void table_init(struct table *table, const char *const *headings);
void table_finish(struct table *table);
/* Add the next cell, row by row. */
void table_add(struct table *table, const char *format, ...) __attribute__((format(printf, 2, 3)));
void table_print(const struct table *table, FILE *file);

/* Columns that a terminal uses for text of valid UTF-8. */
size_t text_width(const char *text);
/* Harmless UTF-8 of any bytes, at most `widest` columns wide (0: any); the caller frees it. */
char *text_clean(const char *data, size_t len, size_t widest);

#endif
