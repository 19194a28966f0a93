// Package io says where temporary files go; no repository is fetched in this build.
package io

var TempDir = ""
