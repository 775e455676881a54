// SPDX-License-Identifier: Apache-2.0
#include "kernel/plugin/resolver.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "kernel/base/nearest_name.hpp"

namespace mortise::plugin {

namespace {

struct Candidate {
  const AuthorManifest* author = nullptr;
  const OperatorManifest* orders = nullptr;
  bool is_alive = true;
  std::string reason;  // when it is not
  std::string cause;   // the plugin that it fails with, "" for a root
  std::vector<Binding> bindings;
};

// An order between two plugins of one phase.
struct Edge {
  std::string from;  // starts first
  std::string into;
  bool is_mandatory;
};

class Resolver {
 public:
  Resolver(const Inventory& inventory, const std::vector<HostService>& services, Version sdk)
      : inventory_(inventory), services_(services), sdk_(std::move(sdk)) {}

  Plan run() {
    collect();
    check_each();
    check_offers();
    for (;;) {
      while (kill_unmet()) {
      }
      bind();
      order_.clear();
      if (sort()) break;
    }
    return report();
  }

 private:
  void collect();
  void check_each();
  void check_offers();
  bool kill_unmet();
  void bind();
  std::vector<Edge> edges_of(Phase phase) const;
  bool sort();
  bool sort_phase(Phase phase);
  bool break_cycle(const std::set<std::string>& left, std::vector<Edge>* edges);
  Plan report() const;

  void kill(Candidate& candidate, std::string reason, std::string cause = {}) {
    candidate.is_alive = false;
    candidate.reason = std::move(reason);
    candidate.cause = std::move(cause);
  }
  const HostService* service_for(const InterfaceRef& need, Phase phase) const;
  std::vector<std::string> providers_of(const InterfaceRef& need, Phase phase) const;
  std::string what_is_there(const InterfaceRef& need, const Candidate& who) const;
  std::string failed_provider(const InterfaceRef& need) const;

  const Inventory& inventory_;
  const std::vector<HostService>& services_;
  const Version sdk_;
  std::map<std::string, Candidate> candidates_;
  std::map<std::string, std::string> absent_;  // wanted, but there is no manifest
  std::vector<std::string> disabled_;
  std::vector<std::string> order_;
  std::set<std::pair<std::string, std::string>> dropped_;  // optional edges that closed a cycle
};

void Resolver::collect() {
  for (const std::string& name : inventory_.wanted) {
    const auto orders = inventory_.operators.find(name);
    const OperatorManifest* given =
        orders == inventory_.operators.end() ? nullptr : &orders->second;
    if (given != nullptr && !given->is_enabled) {
      disabled_.push_back(name);
      continue;
    }
    const auto author = inventory_.authors.find(name);
    if (author != inventory_.authors.end()) {
      candidates_[name] = {&author->second, given, true, {}, {}, {}};
      continue;
    }
    const auto broken = inventory_.broken.find(name);
    if (broken != inventory_.broken.end()) {
      absent_[name] = broken->second;
      continue;
    }
    std::vector<std::string> known;
    for (const auto& [installed, manifest] : inventory_.authors) known.push_back(installed);
    absent_[name] = "is not installed" + did_you_mean(name, std::span<const std::string>(known));
  }
  std::sort(disabled_.begin(), disabled_.end());
}

void Resolver::check_each() {
  for (auto& [name, c] : candidates_) {
    const AuthorManifest& author = *c.author;
    if (!author.sdk.contains(sdk_)) {
      kill(c, "wants an SDK " + author.sdk.text() + "; this host has " + to_text(sdk_));
    } else if (c.orders != nullptr && !c.orders->version.contains(author.version)) {
      kill(c, "is version " + to_text(author.version) + ", but " + c.orders->file + " allows " +
                  c.orders->version.text());
    }
    if (!c.is_alive) continue;
    for (const std::string& grant : author.grants) {
      const bool granted = c.orders != nullptr &&
                           std::find(c.orders->grants.begin(), c.orders->grants.end(), grant) !=
                               c.orders->grants.end();
      if (granted) continue;
      kill(c, "asks for the grant " + grant + ", which its operator manifest does not give");
      break;
    }
  }
}

// R1: of two that offer the same the one whose name comes first stays.
void Resolver::check_offers() {
  std::map<std::string, std::string> taken;
  for (const HostService& s : services_) taken[s.offer.id() + ":" + s.offer.slot] = "the kernel";
  for (auto& [name, c] : candidates_) {
    if (!c.is_alive) continue;
    for (const InterfaceRef& offer : c.author->offers) {
      const std::string key = offer.id() + ":" + offer.slot;
      const auto [at, added] = taken.emplace(key, name);
      if (added || at->second == name) continue;
      kill(c, "offers " + to_text(offer) + ", which " + at->second + " offers already");
      break;
    }
  }
}

const HostService* Resolver::service_for(const InterfaceRef& need, Phase phase) const {
  for (const HostService& s : services_) {
    if (meets(s.offer, need) && s.since <= phase) return &s;
  }
  return nullptr;
}

std::vector<std::string> Resolver::providers_of(const InterfaceRef& need, Phase phase) const {
  std::vector<std::string> out;
  for (const auto& [name, c] : candidates_) {
    if (!c.is_alive || c.author->phase > phase) continue;
    for (const InterfaceRef& offer : c.author->offers) {
      if (!meets(offer, need)) continue;
      out.push_back(name);
      break;
    }
  }
  return out;
}

// A plugin that would meet the need if it could run itself.
std::string Resolver::failed_provider(const InterfaceRef& need) const {
  for (const auto& [name, c] : candidates_) {
    if (c.is_alive) continue;
    for (const InterfaceRef& offer : c.author->offers) {
      if (meets(offer, need)) return name;
    }
  }
  return {};
}

std::string Resolver::what_is_there(const InterfaceRef& need, const Candidate& who) const {
  std::string out;
  const auto say = [&](const std::string& part) { out.append("; ").append(part); };
  for (const HostService& s : services_) {
    if (s.offer.name != need.name) continue;
    if (meets(s.offer, need)) {
      say("the kernel has it only from the phase " + std::string(name_of(s.since)) + " on, but " +
          who.author->name + " starts in the phase " + std::string(name_of(who.author->phase)));
    } else {
      say("the kernel has " + to_text(s.offer));
    }
  }
  for (const auto& [name, author] : inventory_.authors) {
    for (const InterfaceRef& offer : author.offers) {
      if (offer.name != need.name || &author == who.author) continue;
      const bool in_set = candidates_.contains(name);
      const bool off = std::find(disabled_.begin(), disabled_.end(), name) != disabled_.end();
      if (meets(offer, need) && in_set && author.phase > who.author->phase) {
        say(name + " offers it, but starts later, in the phase " +
            std::string(name_of(author.phase)));
      } else if (in_set || !meets(offer, need)) {
        say(name + " offers " + to_text(offer));
      } else {
        say(name + " offers it, but is " + (off ? "switched off" : "not in the set"));
      }
    }
  }
  for (const auto& [name, reason] : absent_) {
    if (reason.starts_with("is not installed")) say(name + " is not installed");
  }
  return out.empty() ? "; nothing installed offers it" : out;
}

bool Resolver::kill_unmet() {
  bool changed = false;
  for (auto& [name, c] : candidates_) {
    if (!c.is_alive) continue;
    for (const InterfaceRef& need : c.author->needs) {
      if (service_for(need, c.author->phase) != nullptr) continue;
      std::vector<std::string> providers = providers_of(need, c.author->phase);
      std::erase(providers, name);
      if (!providers.empty()) continue;
      const std::string cause = failed_provider(need);
      kill(c, "needs " + to_text(need) + (cause.empty() ? what_is_there(need, c) : ""), cause);
      changed = true;
      break;
    }
  }
  return changed;
}

void Resolver::bind() {
  for (auto& [name, c] : candidates_) {
    c.bindings.clear();
    if (!c.is_alive) continue;
    for (const bool optional : {false, true}) {
      for (const InterfaceRef& need : optional ? c.author->wants : c.author->needs) {
        if (service_for(need, c.author->phase) != nullptr) {
          c.bindings.push_back({need, "kernel", optional});
          continue;
        }
        for (const std::string& provider : providers_of(need, c.author->phase)) {
          if (provider != name) c.bindings.push_back({need, provider, optional});
        }
      }
    }
  }
}

std::vector<Edge> Resolver::edges_of(Phase phase) const {
  std::vector<Edge> edges;
  const auto is_here = [&](const std::string& name) {
    const auto found = candidates_.find(name);
    return found != candidates_.end() && found->second.is_alive &&
           found->second.author->phase == phase;
  };
  const auto add = [&](const std::string& from, const std::string& into, bool mandatory) {
    if (from == into || !is_here(from) || !is_here(into)) return;
    if (!mandatory && dropped_.contains({from, into})) return;
    edges.push_back({from, into, mandatory});
  };
  for (const auto& [name, c] : candidates_) {
    if (!is_here(name)) continue;
    for (const Binding& b : c.bindings) add(b.provider, name, !b.is_optional);
    for (const std::string& other : c.author->after) add(other, name, false);
    for (const std::string& other : c.author->before) add(name, other, false);
    if (c.orders == nullptr) continue;
    for (const std::string& other : c.orders->after) add(other, name, false);
    for (const std::string& other : c.orders->before) add(name, other, false);
  }
  return edges;
}

bool Resolver::sort() {
  for (size_t i = 0; i < kPhasesCount; ++i) {
    if (!sort_phase(static_cast<Phase>(i))) return false;
  }
  return true;
}

// False when a cycle of needs has killed somebody: everything has to be looked at again.
bool Resolver::sort_phase(Phase phase) {
  std::set<std::string> left;
  for (const auto& [name, c] : candidates_) {
    if (c.is_alive && c.author->phase == phase) left.insert(name);
  }
  std::vector<Edge> edges = edges_of(phase);
  while (!left.empty()) {
    const auto ready = std::find_if(left.begin(), left.end(), [&](const std::string& name) {
      return std::none_of(edges.begin(), edges.end(),
                          [&](const Edge& e) { return e.into == name && left.contains(e.from); });
    });
    if (ready == left.end()) {
      if (!break_cycle(left, &edges)) return false;
      continue;
    }
    order_.push_back(*ready);
    left.erase(ready);
  }
  return true;
}

// Walks backwards from the first until a plugin comes twice.  Drops an optional edge of the cycle
// if it has one, else kills everybody on it.
bool Resolver::break_cycle(const std::set<std::string>& left, std::vector<Edge>* edges) {
  std::vector<std::string> path = {*left.begin()};
  std::vector<Edge> walked;
  for (;;) {
    // Mandatory edges first: a cycle of needs has to be found even beside a weaker one.
    const Edge* back = nullptr;
    for (const Edge& e : *edges) {
      if (e.into != path.back() || !left.contains(e.from)) continue;
      if (back == nullptr || (e.is_mandatory && !back->is_mandatory)) back = &e;
    }
    MORTISE_ASSERT(back != nullptr);  // else it would be ready
    walked.push_back(*back);
    const auto begin = std::find(path.begin(), path.end(), back->from) - path.begin();
    const bool is_closed = begin < std::ssize(path);
    path.push_back(back->from);
    if (!is_closed) continue;
    path.erase(path.begin(), path.begin() + begin);
    walked.erase(walked.begin(), walked.begin() + begin);
    break;
  }
  for (const Edge& e : walked) {
    if (e.is_mandatory) continue;
    dropped_.insert({e.from, e.into});
    std::erase_if(*edges, [&](const Edge& other) {
      return !other.is_mandatory && other.from == e.from && other.into == e.into;
    });
    return true;
  }
  std::string cycle;
  for (const std::string& name : path) cycle.append(cycle.empty() ? "" : " needs ").append(name);
  path.pop_back();
  const std::string root = *std::min_element(path.begin(), path.end());
  for (const std::string& name : path) {
    kill(candidates_[name], "is on a cycle: " + cycle, name == root ? "" : root);
  }
  return false;
}

Plan Resolver::report() const {
  Plan plan;
  plan.disabled = disabled_;
  for (const std::string& name : order_) {
    const Candidate& c = candidates_.at(name);
    plan.entries.push_back({c.author, c.orders, c.bindings});
  }
  std::map<std::string, Problem> problems;
  const auto note_required = [&](Problem& problem, const std::string& name) {
    const auto orders = inventory_.operators.find(name);
    if (orders != inventory_.operators.end() && orders->second.is_required) {
      problem.required.push_back(name);
    }
  };
  for (const auto& [name, reason] : absent_) {
    Problem problem{name, reason, {}, {}};
    note_required(problem, name);
    problems.emplace(name, std::move(problem));
  }
  for (const auto& [name, c] : candidates_) {
    if (c.is_alive || !c.cause.empty()) continue;
    Problem problem{name, c.reason, {}, {}};
    note_required(problem, name);
    problems.emplace(name, std::move(problem));
  }
  for (const auto& [name, c] : candidates_) {
    if (c.is_alive || c.cause.empty()) continue;
    std::string root = c.cause;
    while (!candidates_.at(root).cause.empty()) root = candidates_.at(root).cause;
    Problem& problem = problems.at(root);
    problem.dependants.push_back(name);
    note_required(problem, name);
  }
  for (auto& [name, problem] : problems) plan.problems.push_back(std::move(problem));
  return plan;
}

}  // namespace

bool Plan::is_startable() const {
  return std::all_of(problems.begin(), problems.end(),
                     [](const Problem& p) { return p.required.empty(); });
}

Plan resolve(const Inventory& inventory, const std::vector<HostService>& services,
             const Version& sdk_version) {
  return Resolver(inventory, services, sdk_version).run();
}

std::string to_text(const Problem& problem) {
  std::string out = problem.plugin + " " + problem.text;
  if (problem.dependants.empty()) return out;
  out.append(" (left out with it:");
  for (const std::string& name : problem.dependants) {
    out.append(&name == &problem.dependants[0] ? " " : ", ").append(name);
  }
  return out.append(")");
}

std::string to_text(const Plan& plan) {
  std::string out;
  std::optional<Phase> phase;
  for (const PlanEntry& entry : plan.entries) {
    if (phase != entry.author->phase) {
      phase = entry.author->phase;
      out.append(name_of(*phase)).append("\n");
    }
    out.append("  ").append(entry.author->name).append(" ").append(to_text(entry.author->version));
    out.append("\n");
    for (const Binding& b : entry.bindings) {
      out.append(b.is_optional ? "    wants " : "    needs ").append(to_text(b.need));
      out.append(" from ").append(b.provider).append("\n");
    }
  }
  for (const std::string& name : plan.disabled) out.append("switched off: ").append(name) += '\n';
  for (const Problem& p : plan.problems) out.append("cannot run: ").append(to_text(p)) += '\n';
  return out;
}

}  // namespace mortise::plugin
