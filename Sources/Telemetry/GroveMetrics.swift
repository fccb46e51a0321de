/// The metrics of a coordinator.
public enum GroveMetrics {
  private static let calls: [Double] = [0.0001, 0.001, 0.01, 0.1, 1, 10, 100]
  private static let work: [Double] = [0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30, 100]
  private static let computing: [Double] = [0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3]

  /// In the order in which they are written.
  public static let all: [Metric] = [
    Metric("grove_build_info", .gauge, "Always 1; the labels tell the version, the run and its task."),
    Metric("grove_uptime_seconds", .gauge, "Since the coordinator started."),
    Metric("grove_resident_memory_bytes", .gauge, "Memory of the coordinator that is in RAM."),
    Metric("grove_disk_free_bytes", .gauge, "Space that is left where the run is kept."),

    Metric("grove_run_round", .gauge, "Rounds that the run has done, those before this process included."),
    Metric("grove_run_round_limit", .gauge, "Rounds that the run may have at most."),
    Metric("grove_run_phase", .gauge, "1 for the phase that the run is in, 0 for the others."),
    Metric("grove_rounds_total", .counter, "Rounds done by this process."),
    Metric("grove_round_duration_seconds", .histogram(work), "How long a round took."),
    Metric("grove_distillation_steps_total", .counter, "Training steps of X."),
    Metric("grove_human_decompositions_total", .counter, "Decompositions that H gave."),
    Metric("grove_amplified_questions_total", .counter, "Questions that were amplified."),
    Metric("grove_sub_questions_total", .counter, "Sub-questions that were asked in amplification."),
    Metric("grove_memo_hits_total", .counter, "Sub-questions that had been answered before."),
    Metric("grove_accuracy_ratio", .gauge, "Share of right answers to held-out questions, 0 to 1, as last measured."),
    Metric(
      "grove_agreement_ratio", .gauge, "Share of questions on which the teacher agrees with the amplified answer."),
    Metric("grove_distillation_loss_nats", .gauge, "Mean negative log-likelihood of X in the newest round."),
    Metric("grove_overseer_loss_nats", .gauge, "Mean negative log-likelihood of unseen decompositions by H'."),
    Metric("grove_human_queue_questions", .gauge, "Questions that wait for a person."),
    Metric("grove_checkpoint_duration_seconds", .histogram(work), "How long it took to write a checkpoint."),

    Metric("grove_units", .gauge, "Units of work by state: open, or held by a worker."),
    Metric("grove_units_done_total", .counter, "Units of work that were done."),
    Metric("grove_units_returned_total", .counter, "Units of work whose worker was lost or failed."),
    Metric("grove_workers", .gauge, "Workers by state."),
    Metric("grove_worker_resident_memory_bytes", .gauge, "Memory of a worker that is in RAM."),
    Metric("grove_worker_questions_per_second", .gauge, "Questions that a worker answers."),
    Metric("grove_worker_gradients_per_second", .gauge, "Gradients of microbatches that a worker computes."),
    Metric("grove_worker_model_round", .gauge, "Round after which a worker has the models."),
    Metric(
      "grove_gradient_duration_seconds", .histogram(computing),
      "What a microbatch of X took a worker, the mean of a round."),

    Metric("grove_call_duration_seconds", .histogram(calls), "How long calls to other processes took, by method."),
    Metric("grove_calls_failed_total", .counter, "Calls to other processes that failed, by method."),
    Metric("grove_calls_outstanding", .gauge, "Calls to other processes that are under way."),
    Metric("grove_sent_bytes_total", .counter, "Bytes of messages sent to other processes."),
    Metric("grove_received_bytes_total", .counter, "Bytes of messages received from other processes."),
    Metric("grove_malformed_messages_total", .counter, "Messages from other processes that could not be read."),
    Metric("grove_refused_calls_total", .counter, "Calls that were refused: to what is not theirs, or too many."),
    Metric("grove_turned_away_keys_total", .counter, "Connections that were refused for a key that is not authorised."),
    Metric(
      "grove_stranger_connections_total", .counter,
      "Connections that ended without having been a member's: of those turned away, of port scans, of other programs."),
  ]
}
