package vn.idwallet.readme

import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.flow.first
import kotlinx.coroutines.launch
import vn.idwallet.*
import java.io.File
