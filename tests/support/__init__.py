"""What the scenarios stand on: private servers, real programs, links that can be cut, scripted peers."""
