// What tests of views wait for may take its time: the machine has others to
// serve, and what they promise is that it comes, not when.
import { configure } from "@testing-library/react";

configure({ asyncUtilTimeout: 10_000 });
