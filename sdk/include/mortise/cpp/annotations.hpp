// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: how does a declaration say which lock protects it?
//
// Clang's -Wthread-safety checks these at compile time (preset clang-tsa); other compilers see
// nothing.  MORTISE_GUARDED_BY goes on members, MORTISE_REQUIRES on functions that expect their
// caller to hold the lock, MORTISE_EXCLUDES on functions that take it themselves.

#if defined(__clang__)
#define MORTISE_THREAD_ATTRIBUTE(x) __attribute__((x))
#else
#define MORTISE_THREAD_ATTRIBUTE(x)
#endif

#define MORTISE_CAPABILITY(kind) MORTISE_THREAD_ATTRIBUTE(capability(kind))
#define MORTISE_SCOPED_CAPABILITY MORTISE_THREAD_ATTRIBUTE(scoped_lockable)
#define MORTISE_GUARDED_BY(lock) MORTISE_THREAD_ATTRIBUTE(guarded_by(lock))
#define MORTISE_POINTEE_GUARDED_BY(lock) MORTISE_THREAD_ATTRIBUTE(pt_guarded_by(lock))
#define MORTISE_REQUIRES(...) MORTISE_THREAD_ATTRIBUTE(requires_capability(__VA_ARGS__))
#define MORTISE_REQUIRES_SHARED(...) \
  MORTISE_THREAD_ATTRIBUTE(requires_shared_capability(__VA_ARGS__))
#define MORTISE_EXCLUDES(...) MORTISE_THREAD_ATTRIBUTE(locks_excluded(__VA_ARGS__))
#define MORTISE_ACQUIRE(...) MORTISE_THREAD_ATTRIBUTE(acquire_capability(__VA_ARGS__))
#define MORTISE_ACQUIRE_SHARED(...) MORTISE_THREAD_ATTRIBUTE(acquire_shared_capability(__VA_ARGS__))
#define MORTISE_RELEASE(...) MORTISE_THREAD_ATTRIBUTE(release_capability(__VA_ARGS__))
#define MORTISE_RELEASE_SHARED(...) MORTISE_THREAD_ATTRIBUTE(release_shared_capability(__VA_ARGS__))
#define MORTISE_RELEASE_GENERIC(...) \
  MORTISE_THREAD_ATTRIBUTE(release_generic_capability(__VA_ARGS__))
#define MORTISE_TRY_ACQUIRE(...) MORTISE_THREAD_ATTRIBUTE(try_acquire_capability(__VA_ARGS__))
#define MORTISE_TRY_ACQUIRE_SHARED(...) \
  MORTISE_THREAD_ATTRIBUTE(try_acquire_shared_capability(__VA_ARGS__))
#define MORTISE_RETURN_CAPABILITY(lock) MORTISE_THREAD_ATTRIBUTE(lock_returned(lock))
#define MORTISE_NO_THREAD_SAFETY_ANALYSIS MORTISE_THREAD_ATTRIBUTE(no_thread_safety_analysis)
