//! What will go wrong with rules and queues as they are: found before a customer finds it.

use std::collections::BTreeSet;

use switchboard_domain::{
    Condition, Finding, FindingKind, Priority, Queue, QueueId, QueuePromise, Requirement, RoutingRule,
    Severity, Step,
};

use crate::{
    AgentState, KEEP_AFTER, OVERTAKE_BOUND,
    eligible::weight,
    implies::{implies, is_impossible},
};

/// What rules are looked at against.
pub struct Premises<'a> {
    pub queues: &'a [Queue],
    /// Everyone who has some capacity, as they stand.
    pub agents: &'a [AgentState],
    pub default_queue: &'a QueueId,
}

/// Everything found, the worst first. Pointers are `/rules/{index}`, in the order given.
pub fn lint(rules: &[RoutingRule], premises: &Premises<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut order: Vec<usize> = (0..rules.len()).filter(|&index| rules[index].enabled).collect();
    order.sort_by_key(|&index| (rules[index].order, &rules[index].id));
    for (position, &index) in order.iter().enumerate() {
        let earlier: Vec<&RoutingRule> = order[..position].iter().map(|&index| &rules[index]).collect();
        findings.extend(of_rule(&rules[index], index, &earlier, premises));
    }
    let used: BTreeSet<&QueueId> = order
        .iter()
        .flat_map(|&index| &rules[index].steps)
        .map(|step| &step.queue_id)
        .chain([premises.default_queue])
        .collect();
    findings.extend(of_queues(&used, premises));
    findings.extend(loops(premises.queues));
    findings.sort_by_key(|finding| finding.severity as u8);
    findings
}

fn of_rule(
    rule: &RoutingRule,
    index: usize,
    earlier: &[&RoutingRule],
    premises: &Premises<'_>,
) -> Vec<Finding> {
    let at = format!("/rules/{index}");
    let finding = |kind, severity, pointer: String, message: String| Finding {
        kind,
        severity,
        rule_id: Some(rule.id.clone()),
        queue_id: None,
        pointer: Some(pointer),
        message,
    };
    if is_impossible(&rule.condition) {
        let message = "Nothing can ever match this condition.".to_owned();
        return vec![finding(
            FindingKind::ImpossibleCondition,
            Severity::Error,
            format!("{at}/condition"),
            message,
        )];
    }
    let shadowing = earlier
        .iter()
        .find(|other| implies(&rule.condition, &other.condition));
    if let Some(other) = shadowing {
        let message = format!(
            "Rule {} is tried first and takes everything that matches.",
            other.id
        );
        return vec![finding(
            FindingKind::UnreachableRule,
            Severity::Error,
            at,
            message,
        )];
    }
    let mut findings = Vec::new();
    if let Some(last) = rule
        .steps
        .iter()
        .position(never_ends)
        .filter(|last| last + 1 < rule.steps.len())
    {
        let message = "The step before it has no time-out, so this one is never reached.".to_owned();
        let pointer = format!("{at}/steps/{}", last + 1);
        findings.push(finding(
            FindingKind::UnreachableStep,
            Severity::Error,
            pointer,
            message,
        ));
    }
    for (nth, requirement) in rule.requirements.iter().enumerate() {
        if let Some((kind, severity, message)) = skill(rule, requirement, premises) {
            findings.push(finding(
                kind,
                severity,
                format!("{at}/requirements/{nth}"),
                message,
            ));
        }
    }
    for (nth, step) in rule.steps.iter().enumerate() {
        let queue = premises.queues.iter().find(|queue| queue.id == step.queue_id);
        if queue.is_some_and(|queue| !queue.any_agent) && rule.requirements.is_empty() {
            let message =
                "The queue wants a skill to be asked for, and the rule asks for none: nobody will be found.";
            let pointer = format!("{at}/steps/{nth}");
            findings.push(finding(
                FindingKind::Starvation,
                Severity::Error,
                pointer,
                message.to_owned(),
            ));
        }
    }
    findings
}

fn never_ends(step: &Step) -> bool {
    step.timeout_secs.is_none() && step.condition.is_none() && !step.skip_if_no_agent_available
}

/// Whether some agent of the rule's queues holds the skill, and whether one of them is there.
fn skill(
    rule: &RoutingRule,
    requirement: &Requirement,
    premises: &Premises<'_>,
) -> Option<(FindingKind, Severity, String)> {
    let serving = |agent: &&AgentState| {
        let mut queues = premises.queues.iter();
        queues.any(|queue| rule.steps.iter().any(|step| step.queue_id == queue.id) && agent.serves(queue))
    };
    let able = |agent: &&AgentState| {
        agent
            .level(&requirement.skill_id)
            .is_some_and(|level| level >= requirement.min_level)
    };
    let able: Vec<&AgentState> = premises.agents.iter().filter(serving).filter(able).collect();
    let skill = format!("{} at level {}", requirement.skill_id, requirement.min_level);
    if able.is_empty() {
        let drops = requirement.tier > 0 && requirement.expires_after_secs.is_some();
        let severity = if drops { Severity::Warning } else { Severity::Error };
        let message = format!("Nobody in the rule's queues holds {skill}.");
        return Some((FindingKind::SkillNobodyHolds, severity, message));
    }
    let there = able
        .iter()
        .any(|agent| agent.intent.is_routable() && agent.online);
    let message = format!("Nobody who holds {skill} is available now.");
    (!there).then_some((FindingKind::SkillNotOnShift, Severity::Notice, message))
}

fn of_queues(used: &BTreeSet<&QueueId>, premises: &Premises<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for queue in premises.queues {
        let finding = |kind, severity, message: &str| Finding {
            kind,
            severity,
            rule_id: None,
            queue_id: Some(queue.id.clone()),
            pointer: None,
            message: message.to_owned(),
        };
        let staff: Vec<&AgentState> = premises
            .agents
            .iter()
            .filter(|agent| agent.serves(queue))
            .collect();
        let reached = used.contains(&queue.id)
            || premises
                .queues
                .iter()
                .any(|other| other.overflow.iter().any(|over| over.to == queue.id));
        if staff.is_empty() {
            let severity = if reached {
                Severity::Error
            } else {
                Severity::Notice
            };
            let message = "Nobody with any capacity is in a team of this queue.";
            findings.push(finding(FindingKind::QueueWithoutStaff, severity, message));
        } else if staff.iter().all(|agent| agent.total < weight(queue)) {
            let message = "A conversation of this queue takes more units than any of its agents has.";
            findings.push(finding(FindingKind::Starvation, Severity::Error, message));
        }
    }
    findings
}

/// Rings of overflows, each told once, at its smallest queue.
fn loops(queues: &[Queue]) -> Vec<Finding> {
    let next = |id: &QueueId| -> Vec<&QueueId> {
        let queue = queues.iter().find(|queue| queue.id == *id);
        queue
            .into_iter()
            .flat_map(|queue| &queue.overflow)
            .map(|over| &over.to)
            .collect()
    };
    let returns = |start: &QueueId| {
        let mut seen: BTreeSet<&QueueId> = BTreeSet::new();
        let mut open = next(start);
        while let Some(id) = open.pop() {
            if seen.insert(id) {
                open.extend(next(id));
            }
        }
        seen.contains(start)
            .then_some(seen.into_iter().cloned().collect::<BTreeSet<QueueId>>())
    };
    let mut told: BTreeSet<QueueId> = BTreeSet::new();
    let mut findings = Vec::new();
    for queue in queues {
        let Some(ring) = returns(&queue.id) else { continue };
        if told.contains(&queue.id) {
            continue;
        }
        // Of everything it reaches, what reaches it again is the ring.
        let ring: BTreeSet<QueueId> = ring
            .into_iter()
            .filter(|id| returns(id).is_some_and(|other| other.contains(&queue.id)))
            .collect();
        let names: Vec<&str> = ring.iter().map(QueueId::as_str).collect();
        findings.push(Finding {
            kind: FindingKind::OverflowLoop,
            severity: Severity::Warning,
            rule_id: None,
            queue_id: Some(queue.id.clone()),
            pointer: None,
            message: format!("These queues flow over into each other: {}.", names.join(", ")),
        });
        told.extend(ring);
    }
    findings
}

/// What each queue can promise under these rules.
pub fn promises(rules: &[RoutingRule], queues: &[Queue]) -> Vec<QueuePromise> {
    let enabled: Vec<&RoutingRule> = rules.iter().filter(|rule| rule.enabled).collect();
    queues
        .iter()
        .map(|queue| {
            let priorities = enabled
                .iter()
                .filter(|rule| rule.steps.iter().any(|step| step.queue_id == queue.id));
            let lowest = priorities.map(|rule| rule.priority).min().unwrap_or_default();
            QueuePromise {
                queue_id: queue.id.clone(),
                maximum_wait_secs: stay(queue, &enabled),
                overtaken_within_secs: overtaken_within(lowest),
                kept_an_agent_after_secs: (weight(queue) > 1).then(|| secs(KEEP_AFTER)),
            }
        })
        .collect()
}

/// The age by which a conversation has left the queue, whichever way it came there.
fn stay(queue: &Queue, rules: &[&RoutingRule]) -> Option<u32> {
    use switchboard_domain::OverflowWhen::WaitedSecs;
    let waited = queue.overflow.iter().filter_map(|over| match over.when {
        WaitedSecs(secs) => Some(secs),
        _ => None,
    });
    let overflow = waited.min();
    let mut longest = None;
    for rule in rules {
        let steps: Vec<&Step> = rule.steps.iter().collect();
        for (nth, _) in steps
            .iter()
            .enumerate()
            .filter(|(_, step)| step.queue_id == queue.id)
        {
            let ends = (nth + 1 < steps.len())
                .then(|| {
                    steps[..=nth]
                        .iter()
                        .map(|step| step.timeout_secs)
                        .sum::<Option<u32>>()
                })
                .flatten();
            let leaves = [ends, overflow].into_iter().flatten().min()?;
            longest = longest.max(Some(leaves));
        }
    }
    longest.or(overflow)
}

/// The wait by which an item of this class is urgent, with what a boost can make up: never above the published bound.
fn overtaken_within(lowest: Priority) -> u32 {
    let classes = u32::try_from(Priority::Urgent.level() - lowest.level()).unwrap_or(0);
    let promoted = crate::PROMOTE_AFTER * classes;
    secs(promoted.max(crate::MAX_BOOST).min(OVERTAKE_BOUND))
}

fn secs(duration: std::time::Duration) -> u32 {
    u32::try_from(duration.as_secs()).unwrap_or(u32::MAX)
}

/// Whether a rule can only ever match what also matches `bounds`: a team's own accounts.
pub fn is_within(rule: &RoutingRule, bounds: &Condition) -> bool {
    implies(&rule.condition, bounds)
}
