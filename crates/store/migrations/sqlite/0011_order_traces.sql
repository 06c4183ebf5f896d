-- Where in a trace an order was placed (`traceparent` of W3C Trace Context); unknown of those before.
ALTER TABLE orders ADD COLUMN trace TEXT;
