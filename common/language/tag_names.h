/* tag_names.h - which words of a review are the hotel's name, and so no tags.
 *
 * The whole name is, and each of its words that is no common one ("Casci" of "Hotel Casci", not
 * "garden" of "Garden Inn"), with a noun for the house beside it. */
#ifndef RS_LANGUAGE_TAG_NAMES_H
#define RS_LANGUAGE_TAG_NAMES_H

#include "language/reading.h"

/* Scratch memory; a zeroed one is empty. */
struct rs_tag_names {
    struct rs_reading_part name;
    bool *marks;
    size_t size;
    size_t from, to; /* the name's tokens without "the" and what comes behind too many */
};

/* Read the name; {NULL, 0}: there is none. False: out of memory. */
bool rs_tag_names_read(struct rs_tag_names *names, const struct rs_dictionary *dictionary,
                       struct rs_bytes product_name);
/* A flag for each token of the part, borrowed until the next call; NULL: no name. False: out of
 * memory. */
bool rs_tag_names_mark(struct rs_tag_names *names, const struct rs_reading_part *part,
                       const bool **ret_marks);
void rs_tag_names_finish(struct rs_tag_names *names);

#endif
