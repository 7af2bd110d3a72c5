#!/usr/bin/env bash
# Another program changes the window of an example, as it is for users: sizes, minimised and back.
# pushed-about.sh PROGRAM FRAMES
# Ends with the program's status.
set -uo pipefail

"$1" --frames "$2" &
program=$!
name="^$(basename "$1")\$"
for ((i = 0; i < 600; i++)); do
  window=$(xdotool search --name "$name" 2>/dev/null | tail -n 1)
  [ -z "$window" ] || break
  sleep 0.1
done
for ((i = 0; i < 1000; i++)); do
  kill -0 $program 2>/dev/null || break
  # The window may go at any time.
  xdotool windowsize "$window" $((1 + i * 37 % 900)) $((1 + i * 53 % 700)) 2>/dev/null
  case $((i % 10)) in
    3) xdotool windowminimize "$window" 2>/dev/null ;;
    6) xdotool windowmap "$window" 2>/dev/null ;;
  esac
  sleep 0.01
done
wait $program
