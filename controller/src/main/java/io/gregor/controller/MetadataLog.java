package io.gregor.controller;

import io.gregor.wire.Message;
import java.io.IOException;
import java.util.List;

/** Where metadata records are made to last, in one order for the whole cluster. */
public interface MetadataLog {
    /** Returns once the records would survive the death of this process. */
    void append(List<? extends Message> records) throws IOException;
}
