"""The RTMP door: encoders push here, with a stream key; what they send is read as FLV by whoever decodes it."""
