package io.gregor.upstream;

import java.util.regex.Pattern;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Leaves out the invocations of a test that want streams groups (KIP-1071) where the broker has none: each would wait
 * for minutes until it gives up.
 */
public final class StreamsGroups implements ExecutionCondition {
    private static final Pattern WANTED = Pattern.compile(
            "groupProtocol=streams|useNewProtocol=true|streams(?:Rebalance)?ProtocolEnabled=true|STREAMS protocol",
            Pattern.CASE_INSENSITIVE);

    @Override
    public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
        boolean missing = WANTED.matcher(context.getDisplayName()).find()
                && !BrokerProgram.configured().hasStreamsGroups();
        return missing
                ? ConditionEvaluationResult.disabled("needs streams groups")
                : ConditionEvaluationResult.enabled(null);
    }
}
