package io.gregor.compat.oracle;

import static org.assertj.core.api.Assertions.assertThat;

import io.gregor.compat.KafkaProcess;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.kafka.common.protocol.ApiKeys;

/** Sends the same requests to both brokers, and keeps the first difference of each kind. For one thread. */
final class OracleComparison {
    private static final Pattern ERROR_CODE = Pattern.compile("errorCode=(-?\\d+)");

    private final Map<String, String> differences = new TreeMap<>();
    private final KafkaProcess kafka;
    private final OracleSide theirs;
    private final OracleSide ours;
    private final UnaryOperator<String> normal;
    private int pairs;

    /** @param normal takes out of an answer what cannot be the same */
    OracleComparison(KafkaProcess kafka, OracleSide theirs, OracleSide ours, UnaryOperator<String> normal) {
        this.kafka = kafka;
        this.theirs = theirs;
        this.ours = ours;
        this.normal = normal;
    }

    /** @param where the circumstances, for whoever reads of a difference */
    void ask(ApiKeys key, short version, long seed, String where) throws Exception {
        Answers answers = Answers.of(
                () -> normal.apply(theirs.answer(key, version, seed)),
                () -> normal.apply(ours.answer(key, version, seed)));
        pairs++;
        if (!agree(answers)) {
            differences.putIfAbsent(
                    key + " " + firstDifference(answers.ours(), answers.theirs()),
                    "version " + version + " seed " + seed + " " + where + "\n  " + ours.request(key, version, seed)
                            + "\n  Kafka:  " + answers.theirs() + "\n  Gregor: " + answers.ours());
        }
        if (answers.theirs().equals(Answers.CLOSED)) {
            assertThat(kafka.isAlive())
                    .as("Apache Kafka's process lives after %s version %d seed %d", key, version, seed)
                    .isTrue();
        }
    }

    void assertNoDifference(int pairsMin) {
        assertThat(pairs).isGreaterThan(pairsMin);
        assertThat(differences).as(pairs + " pairs").isEmpty();
    }

    /** Where Apache Kafka stumbles over a request, or over a part of it, whatever says what is wrong there is right. */
    private static boolean agree(Answers answers) {
        if (answers.areEqual() || answers.ours().equals(Answers.CLOSED)) {
            return answers.areEqual();
        }
        List<Integer> theirs = errorCodes(answers.theirs());
        if (!answers.theirs().equals(Answers.CLOSED) && !theirs.contains(-1)) {
            return false;
        }
        List<Integer> ours = errorCodes(answers.ours());
        if (theirs.stream().allMatch(code -> code == -1)) {
            return ours.stream().anyMatch(code -> code != 0);
        }
        theirs.stream().filter(code -> code != -1).forEach(ours::remove);
        return !ours.isEmpty() && !ours.contains(0);
    }

    private static List<Integer> errorCodes(String answer) {
        List<Integer> codes = new ArrayList<>();
        Matcher code = ERROR_CODE.matcher(answer);
        while (code.find()) {
            codes.add(Integer.valueOf(code.group(1)));
        }
        return codes;
    }

    /** A few characters around where the two part: differences of one kind are shown once. */
    private static String firstDifference(String ours, String theirs) {
        byte[] a = ours.getBytes(StandardCharsets.UTF_8);
        byte[] b = theirs.getBytes(StandardCharsets.UTF_8);
        int at = Arrays.mismatch(a, b);
        String before = ours.substring(Math.max(0, at - 18), Math.min(at, ours.length()))
                .replaceAll("\\d", "#");
        return before + "<" + theirs.substring(at, Math.min(theirs.length(), at + 4)) + "|"
                + ours.substring(at, Math.min(ours.length(), at + 4)) + ">";
    }
}
