/* tags.h - what a review talks about, as short phrases: "check-in", "sea view".
 *
 * Candidates are the dictionary's nouns (a core noun anywhere, another one where an opinion stands
 * beside it) and what the tagger finds. The tagger's margin and the number of mentions put them
 * in order. Linear in the text. */
#ifndef RS_LANGUAGE_TAGS_H
#define RS_LANGUAGE_TAGS_H

#include "language/reading.h"
#include "language/tagger.h"

struct rs_tags; /* scratch memory, of one thread */

/* NULL: out of memory. */
struct rs_tags *rs_tags_create(void);
void rs_tags_destroy(struct rs_tags *tags);

/* Write the tags of a review into `out`, none where the tagger has no table. A part without
 * tokens, or that `keep` says no to, has none. Names: {NULL, 0} is absent. False: out of memory,
 * and no tags. The tags borrow from `tags` until its next use. */
bool rs_tags_find(struct rs_tags *tags, const struct rs_tagger *tagger,
                  const struct rs_dictionary *dictionary, const struct rs_reading *reading,
                  const bool keep[RS_PARTS], struct rs_bytes product_name, struct rs_analysis *out);

#endif
