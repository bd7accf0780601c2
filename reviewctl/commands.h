/* commands.h - the commands of reviewctl, one file each. */
#ifndef RS_REVIEWCTL_COMMANDS_H
#define RS_REVIEWCTL_COMMANDS_H

#include "command.h"

extern const struct command topics_create, topics_check;          /* topics.c */
extern const struct command publish;                              /* publish.c */
extern const struct command show_status;                          /* status.c */
extern const struct command get_review, get_product;              /* get_review.c, get_product.c */
extern const struct command search;                               /* search.c */
extern const struct command dead_letters_list, dead_letters_show; /* dead_letters.c */
extern const struct command rewind_group;                         /* rewind.c */
extern const struct command activate;                             /* activate.c */
extern const struct command analyse;                              /* analyse.c */
extern const struct command analytics_top, analytics_trend, analytics_product; /* analytics.c */
extern const struct command completion;                                        /* completion.c */

/* All of them, in the order of the help; ends with NULL. */
extern const struct command *const commands[];

#endif
