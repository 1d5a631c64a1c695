"""What the browser chat's page and the console's are made of: headers, files, safe HTML, where a request is from."""
