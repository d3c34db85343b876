package io.gregor.log;

import io.gregor.log.segment.Segment;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** Which segments may go, the oldest first and without a gap. Pure. */
public final class Retention {
    private Retention() {}

    /** The segments that hold nothing at or after that offset. */
    static List<Segment> before(LogView view, long startOffset) {
        List<Segment> before = new ArrayList<>();
        List<Segment> all = view.segments();
        for (int i = 0; i + 1 < all.size() && all.get(i + 1).baseOffset() <= startOffset; i++) {
            before.add(all.get(i));
        }
        return before;
    }

    /** The segments that are too old, or too many; all of them may be, but for an empty last one. */
    public static List<Segment> expired(LogView view, LogConfig.Retention rules, long nowMs) throws IOException {
        List<Segment> expired = before(view, view.startOffset());
        if (!rules.delete()) {
            return expired;
        }
        long excess = rules.bytes() < 0 ? 0 : view.sizeInBytes() - rules.bytes();
        for (int i = 0; i < expired.size(); i++) {
            excess -= view.sizeOf(i);
        }
        for (int i = expired.size(); i < view.segments().size(); i++) {
            Segment segment = view.segments().get(i);
            boolean last = i == view.segments().size() - 1;
            if (last && view.activeSize() == 0) {
                break;
            }
            boolean old = rules.ms() >= 0 && nowMs - segment.latestMs() > rules.ms();
            boolean surplus = excess > 0 && excess >= view.sizeOf(i);
            if (!old && !surplus) {
                break;
            }
            excess -= view.sizeOf(i);
            expired.add(segment);
        }
        return expired;
    }
}
