-- What operators and auditors read by: messages in a state, and the audit log by time, person, deed and subject.
CREATE INDEX delivery_state ON delivery (organisation, state, id);
CREATE INDEX audit_at ON audit (organisation, at, id);
CREATE INDEX audit_who ON audit (organisation, who, id);
CREATE INDEX audit_what ON audit (organisation, what, id);
CREATE INDEX audit_subject ON audit (organisation, subject, id);
