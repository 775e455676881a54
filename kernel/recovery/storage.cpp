// SPDX-License-Identifier: Apache-2.0
#include "kernel/recovery/storage.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

#include "kernel/base/bytes.hpp"
#include "kernel/log/reader.hpp"
#include "kernel/platform/clock.hpp"
#include "kernel/platform/mutex.hpp"
#include "kernel/platform/random.hpp"
#include "kernel/platform/thread.hpp"
#include "kernel/recovery/control_block.hpp"
#include "kernel/recovery/redo.hpp"
#include "mortise/cpp/assert.hpp"

namespace mortise::recovery {
namespace {

// Checkpoint record: where redo would begin, then what the client said.
constexpr uint32_t kCheckpointFixedBytes = 8;
constexpr uint64_t kBackgroundPeriodNs = 50 * platform::kNanosecondsPerMillisecond;
constexpr uint64_t kCheckpointPeriodNs = 30 * platform::kNanosecondsPerSecond;
constexpr uint32_t kCleanPagesMax = 1024;

uint64_t instance_number(const InstanceId& id) {
  return load_le<uint64_t>(id.data());
}

std::string milliseconds(uint64_t ns) {
  return std::to_string(ns / platform::kNanosecondsPerMillisecond) + " ms";
}

}  // namespace

std::string to_text(const RecoveryReport& r) {
  if (r.clean) return "closed properly, nothing to redo";
  return "redo from LSN " + std::to_string(raw(r.redo_begin)) + " to " +
         std::to_string(raw(r.log_end)) + ": " + std::to_string(r.records) + " records in " +
         std::to_string(r.log_bytes) + " bytes, " + std::to_string(r.deltas_applied) +
         " changes to " + std::to_string(r.pages_redone) + " pages, " +
         std::to_string(r.records_skipped) + " there already, " +
         std::to_string(r.torn_pages_repaired) + " torn pages repaired; " +
         milliseconds(r.redo_ns) + " redo, " + milliseconds(r.client_ns) + " undo";
}

struct Storage::State {
  State(platform::IoBackend& backend, std::string where, StorageOptions o)
      : io(backend), directory(std::move(where)), options(std::move(o)) {}

  platform::IoBackend& io;
  const std::string directory;
  StorageOptions options;
  RecoveryClient* client = nullptr;
  std::unique_ptr<platform::FileLock> directory_lock;
  std::unique_ptr<ControlFile> control_file;
  ControlBlock control;
  RecoveryReport report;
  std::vector<DoubtfulPage> doubtful;  // between redo and the look at the extent maps

  std::unique_ptr<page::SpaceFiles> files;
  std::unique_ptr<buffer::Pool> pool;
  std::unique_ptr<log::Log> log;
  std::unique_ptr<log::MtrContext> context;
  std::unique_ptr<space::Spaces> spaces;

  platform::Mutex checkpoint_mutex{platform::LockRank::checkpoint};
  Lsn last_checkpoint_tail MORTISE_GUARDED_BY(checkpoint_mutex){};
  uint64_t last_checkpoint_ns MORTISE_GUARDED_BY(checkpoint_mutex) = 0;

  platform::Mutex background_mutex{platform::LockRank::leaf};
  platform::CondVar background_wake;
  bool stopping MORTISE_GUARDED_BY(background_mutex) = false;
  platform::Thread background;

  std::string path(const char* name) const { return directory + "/" + name; }
  Status open_files();
  Status recover();
  Status read_checkpoint(log::ReaderOptions reader_options);
  Status redo_log(const log::ReaderOptions& reader_options, log::LogTail& tail);
  Status start(const log::LogTail& tail);
  Status checkpoint(bool is_clean);
  Status maintain();
  void run_background();
  void stop_background();
};

Storage::Storage(std::unique_ptr<State> state) : state_(std::move(state)) {}

Storage::~Storage() {
  if (state_ != nullptr) state_->stop_background();
}

Status Storage::create(platform::IoBackend& io, const std::string& directory,
                       const StorageOptions& options) {
  MORTISE_TRY_ASSIGN(const bool is_there, io.exists(directory));
  if (is_there) {
    MORTISE_TRY_ASSIGN(const auto names, io.list_directory(directory));
    if (!names.empty()) return duplicate("directory is not empty: " + directory);
  } else {
    MORTISE_TRY(io.create_directory(directory));
    MORTISE_TRY(io.sync_directory(platform::directory_of(directory)));
  }
  MORTISE_TRY(io.create_directory(directory + "/log"));
  MORTISE_TRY(io.create_directory(directory + "/spaces"));
  StorageOptions quiet;
  quiet.log = options.log;
  quiet.pool.pool_bytes = options.pool.pool_bytes;
  quiet.pool.space_units_max = options.pool.space_units_max;
  quiet.pool.huge_pages = false;
  quiet.background_threads = false;
  Storage storage(std::make_unique<State>(io, directory, std::move(quiet)));
  State& s = *storage.state_;
  MORTISE_TRY_ASSIGN(s.directory_lock, io.lock_file(s.path("lock")));
  MORTISE_TRY(platform::fill_random_secret(s.control.instance_id));
  s.control.segment_bytes = options.log.segment_bytes;
  s.control.incarnation = 1;
  MORTISE_TRY(s.open_files());
  log::LogTail tail;
  tail.identity.instance = instance_number(s.control.instance_id);
  MORTISE_TRY(s.start(tail));
  MORTISE_TRY(s.spaces->create_space(SpaceId{0}));
  // The control file last: without it the directory is no instance.
  MORTISE_TRY_ASSIGN(s.control_file, ControlFile::open(io, s.path("control"), true));
  MORTISE_TRY(s.pool->clean_all());
  MORTISE_TRY(s.checkpoint(true));
  return io.sync_directory(directory);
}

Result<std::unique_ptr<Storage>> Storage::open(platform::IoBackend& io,
                                               const std::string& directory, StorageOptions options,
                                               RecoveryClient* client) {
  std::unique_ptr<Storage> storage(
      new Storage(std::make_unique<State>(io, directory, std::move(options))));
  State& s = *storage->state_;
  s.client = client;
  MORTISE_TRY_ASSIGN(s.control_file, ControlFile::open(io, s.path("control"), false));
  MORTISE_TRY_ASSIGN(s.directory_lock, io.lock_file(s.path("lock")));
  MORTISE_TRY_ASSIGN(s.control, s.control_file->read());
  s.options.log.segment_bytes = s.control.segment_bytes;
  MORTISE_TRY(s.open_files());
  MORTISE_TRY(s.recover());
  MORTISE_TRY(s.spaces->open());
  for (const DoubtfulPage& page : s.doubtful) {
    MORTISE_TRY_ASSIGN(const bool is_allocated, s.spaces->is_allocated(page.id));
    if (is_allocated) return page.why;
  }
  if (client != nullptr) {
    const uint64_t begin_ns = platform::monotonic_ns();
    MORTISE_TRY(client->on_redo_done(*storage));
    s.report.client_ns = platform::monotonic_ns() - begin_ns;
  }
  if (s.options.background_threads) {
    MORTISE_TRY_ASSIGN(s.background,
                       platform::Thread::spawn("cleaner", [&s] { s.run_background(); }));
  }
  return storage;
}

Status Storage::State::open_files() {
  files = std::make_unique<page::SpaceFiles>(io, path("spaces"));
  MORTISE_TRY(files->open_all());
  // After a kill the system may hold pages that the disk does not; whoever finds them whole must
  // be right to call them clean (V3).
  MORTISE_TRY(files->sync_all());
  MORTISE_TRY_ASSIGN(
      pool, buffer::Pool::create(std::move(options.pool), *files, io, path("double.write")));
  MORTISE_TRY_ASSIGN(report.torn_pages_repaired, pool->repair_torn_pages());
  if (report.torn_pages_repaired > 0) MORTISE_TRY(files->sync_all());
  return {};
}

Status Storage::State::recover() {
  log::ReaderOptions reader_options;
  reader_options.directory = path("log");
  reader_options.segment_bytes = control.segment_bytes;
  reader_options.instance = instance_number(control.instance_id);
  reader_options.sync_first = true;
  report.redo_begin = control.redo_lsn;
  MORTISE_TRY(read_checkpoint(reader_options));
  log::LogTail tail;
  const uint64_t begin_ns = platform::monotonic_ns();
  MORTISE_TRY(redo_log(reader_options, tail));
  report.redo_ns = platform::monotonic_ns() - begin_ns;
  return start(tail);
}

Status Storage::State::read_checkpoint(log::ReaderOptions reader_options) {
  MORTISE_TRY_ASSIGN(auto reader,
                     log::LogReader::open(io, std::move(reader_options), control.checkpoint_lsn));
  log::RecordView record;
  MORTISE_TRY_ASSIGN(const auto outcome, reader->next(record));
  if (outcome == log::LogReader::Outcome::end || record.kind() != log::RecordKind::checkpoint ||
      record.payload().size() < kCheckpointFixedBytes) {
    return corrupt("no checkpoint where the control file says: LSN " +
                   std::to_string(raw(control.checkpoint_lsn)) + "; restore a backup");
  }
  if (load_le<Lsn>(record.payload().data()) != control.redo_lsn) {
    return corrupt("checkpoint and control file disagree: LSN " +
                   std::to_string(raw(control.checkpoint_lsn)) + "; restore a backup");
  }
  if (client == nullptr) return {};
  return client->on_checkpoint(record.payload().subspan(kCheckpointFixedBytes));
}

Status Storage::State::redo_log(const log::ReaderOptions& reader_options, log::LogTail& tail) {
  MORTISE_TRY_ASSIGN(auto reader, log::LogReader::open(io, reader_options, control.redo_lsn));
  MORTISE_TRY_ASSIGN(auto redo, Redo::create(*pool, *files, options.redo_threads));
  bool has_checkpoint = false;
  for (;;) {
    log::RecordView record;
    MORTISE_TRY_ASSIGN(const auto outcome, reader->next(record));
    if (outcome == log::LogReader::Outcome::end) break;
    ++report.records;
    if (record.lsn() == control.checkpoint_lsn) has_checkpoint = true;
    if (client != nullptr) MORTISE_TRY(client->on_record(record));
    MORTISE_TRY(redo->add(record));
  }
  report.scan_ns = 0;
  if (!has_checkpoint) {
    return corrupt("log ends at LSN " + std::to_string(raw(reader->next_block())) +
                   ", before the checkpoint at LSN " + std::to_string(raw(control.checkpoint_lsn)) +
                   "; put the log segments back from the archive, or restore a backup");
  }
  MORTISE_TRY_ASSIGN(RedoCounts counts, redo->finish());
  doubtful = std::move(counts.doubtful);
  report.log_end = reader->next_block() + log::kBlockHeaderBytes;
  report.log_bytes = report.log_end - report.redo_begin;
  report.pages_redone = counts.pages;
  report.deltas_applied = counts.deltas;
  report.records_skipped = counts.skipped;
  tail.next = reader->next_block();
  tail.previous_chain = reader->chain();
  tail.identity = reader->last_identity();
  tail.identity.epoch = std::max(tail.identity.epoch, control.epoch);
  tail.identity.timeline = std::max(tail.identity.timeline, control.timeline);
  tail.identity.incarnation = std::max(tail.identity.incarnation, control.incarnation) + 1;
  report.clean = control.is_clean && counts.deltas == 0;
  // Given out durably before the first block carries it.
  control.incarnation = tail.identity.incarnation;
  control.is_clean = false;
  return control_file->write(control);
}

Status Storage::State::start(const log::LogTail& tail) {
  MORTISE_TRY_ASSIGN(log, log::Log::open(io, path("log"), options.log, tail));
  pool->set_barrier(log.get());
  context = std::make_unique<log::MtrContext>(log::MtrContext{*pool, *log});
  spaces = std::make_unique<space::Spaces>(*context, *files);
  platform::Lock lock(checkpoint_mutex);
  last_checkpoint_tail = log->tail();
  last_checkpoint_ns = platform::monotonic_ns();
  return {};
}

Status Storage::checkpoint() {
  return state_->checkpoint(false);
}

Status Storage::State::checkpoint(bool is_clean) {
  platform::Lock lock(checkpoint_mutex);
  MORTISE_TRY(log->status());
  // The tail first: a change that is not seen among the dirty pages was reserved behind it (M2).
  const Lsn tail = log->tail();
  const Lsn oldest = pool->oldest_rec_lsn();
  const Lsn redo_lsn = oldest == kNoLsn ? tail : std::min(oldest, tail);
  std::vector<std::byte> payload(kCheckpointFixedBytes);
  store_le(payload.data(), redo_lsn);
  if (client != nullptr) {
    MORTISE_TRY_ASSIGN(const auto said, client->checkpoint_payload());
    payload.insert(payload.end(), said.begin(), said.end());
  }
  if (payload.size() + log::kRecordHeaderBytes > log::kRecordBytesMax) {
    return limit("checkpoint is too large for one log record: " + std::to_string(payload.size()) +
                 " bytes");
  }
  std::byte head[log::kRecordHeaderBytes];
  log::RecordHeader header;
  header.kind = log::RecordKind::checkpoint;
  header.payload_bytes = static_cast<uint32_t>(payload.size());
  log::encode_header(head, header);
  const std::span<const std::byte> parts[2] = {head, payload};
  const log::LogPosition place = log->append(parts);
  MORTISE_TRY(log->wait_durable(place.end));
  control.checkpoint_lsn = place.begin;
  control.redo_lsn = redo_lsn;
  control.is_clean = is_clean;
  control.incarnation = log->identity().incarnation;
  Status written = control_file->write(control);
  if (!written) {
    log->stop(written);
    return written;
  }
  last_checkpoint_tail = log->tail();
  last_checkpoint_ns = platform::monotonic_ns();
  return log->release_before(redo_lsn);
}

Status Storage::close() {
  State& s = *state_;
  s.stop_background();
  MORTISE_TRY(s.log->flush());
  MORTISE_TRY(s.pool->clean_all());
  MORTISE_TRY(s.checkpoint(true));
  s.log.reset();
  s.directory_lock.reset();
  return {};
}

Status Storage::maintain() {
  return state_->maintain();
}

// Continuous cleaning: the older a change, the sooner it is written, so that the log that a
// recovery must read stays within half the budget and no checkpoint has anything to wait for.
Status Storage::State::maintain() {
  MORTISE_TRY(log->status());
  MORTISE_TRY(log->flush());  // lazy commits become durable within one period
  const uint64_t tail = raw(log->tail());
  const uint64_t keep = options.redo_budget_bytes / 4;
  const buffer::PoolStats stats = pool->stats();
  if (stats.dirty_frames * 2 > stats.frame_units) {
    MORTISE_TRY(pool->clean(kCleanPagesMax, Lsn{UINT64_MAX}));
  } else if (tail > keep) {
    MORTISE_TRY(pool->clean(kCleanPagesMax, Lsn{tail - keep}));
  }
  MORTISE_TRY(pool->keep_free(static_cast<uint32_t>(stats.frame_units / 50)));
  bool is_due = false;
  {
    platform::Lock lock(checkpoint_mutex);
    const uint64_t since = tail - raw(last_checkpoint_tail);
    const uint64_t age_ns = platform::monotonic_ns() - last_checkpoint_ns;
    is_due = since > options.redo_budget_bytes / 8 || (since > 0 && age_ns > kCheckpointPeriodNs);
  }
  return is_due ? checkpoint(false) : Status();
}

void Storage::State::run_background() {
  for (;;) {
    {
      platform::Lock lock(background_mutex);
      const uint64_t deadline_ns = platform::deadline_after_ns(kBackgroundPeriodNs);
      while (!stopping && background_wake.wait_until(background_mutex, deadline_ns)) {
      }
      if (stopping) return;
    }
    if (Status done = maintain(); !done) {
      // `limit` is a pool in trouble: it gets better or the workers see it.  Anything else of this
      // kind has made the log refuse already; there is nothing more to do here.
      if (!log->is_writable()) return;
    }
  }
}

void Storage::State::stop_background() {
  {
    platform::Lock lock(background_mutex);
    stopping = true;
  }
  background_wake.notify_all();
  if (background.is_joinable()) background.join();
}

const RecoveryReport& Storage::report() const {
  return state_->report;
}
const InstanceId& Storage::instance_id() const {
  return state_->control.instance_id;
}
buffer::Pool& Storage::pool() {
  return *state_->pool;
}
log::Log& Storage::log() {
  return *state_->log;
}
space::Spaces& Storage::spaces() {
  return *state_->spaces;
}
page::SpaceFiles& Storage::files() {
  return *state_->files;
}
log::MtrContext& Storage::mtr_context() {
  return *state_->context;
}

}  // namespace mortise::recovery
