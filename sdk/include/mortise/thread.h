/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Answers: on which thread, and in which state of the plugin, may a function be called?
 *
 * The comment of every function in the ABI ends with a tag in brackets.
 *
 * Threads
 *   [control]  start, stop, DDL-like switches; the host calls one such function of a plugin at a
 *   time
 *   [worker]   a thread of the host's pools; may wait for locks, disk and memory
 *   [loop]     a network event loop; must not wait for anything
 *   [io]       a completion; must not wait, must not call back into the object that completed
 *   [any]      every thread
 *   , concurrent   several calls may run at once on the same object; without it, calls on one
 *                  object do not overlap, but may come from different threads one after another
 *
 * States
 *   & active     after `start` returned success and before `stop` was called
 *   & !active    outside of that
 *   & sealed     after all plugins have been wired (registry lookups are answered)
 *
 * A latch (a fixed page's shared or exclusive guard) may not be held across a call into another
 * plugin, except where the comment says so.
 */
