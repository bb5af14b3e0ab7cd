/* The three compiler attributes the house uses, wrapped once.
 *
 * AUTO(thing_free) runs thing_free on scope exit; the type's header enables it with
 * AUTO_POINTER(struct thing, thing_free) for heap objects (thing_free takes the pointer) or
 * AUTO_VALUE(struct thing, thing_clear) for values (thing_clear takes the address).
 * TAKE(pointer) hands the object on and leaves NULL behind; MOVE(value) likewise, and leaves zeros.
 */
#pragma once

#include <stddef.h>

#define AUTO(release) __attribute__((cleanup(release##_at)))
#define AUTO_POINTER(type, release)                                                                \
    static inline void release##_at(type **object) {                                               \
        release(*object);                                                                          \
    }
#define AUTO_VALUE(type, release)                                                                  \
    static inline void release##_at(type *object) {                                                \
        release(object);                                                                           \
    }
#define MUST_CHECK __attribute__((warn_unused_result))
#define PRINTF_LIKE(string_at, first) __attribute__((format(printf, string_at, first)))

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

#define TAKE(pointer)                                                                              \
    __extension__({                                                                                \
        __typeof__(pointer) taken_ = (pointer);                                                    \
        (pointer) = NULL;                                                                          \
        taken_;                                                                                    \
    })
#define MOVE(value)                                                                                \
    __extension__({                                                                                \
        __typeof__(value) moved_ = (value);                                                        \
        (value) = (__typeof__(value)){ 0 };                                                        \
        moved_;                                                                                    \
    })
