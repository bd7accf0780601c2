#include "core/status.h"

const char *rs_status_name(enum rs_status status)
{
    static const char *const names[] = {
        [RS_OK] = "ok", [RS_RETRY] = "retry", [RS_REJECT] = "reject", [RS_FATAL] = "fatal"};
    return names[status];
}

const char *rs_fault_name(enum rs_fault fault)
{
    return fault == RS_ITEM ? "item" : "outage";
}
